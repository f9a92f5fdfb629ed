package dev.hearth.gateway.cloudrun;

import com.google.iam.v1.Binding;
import com.google.iam.v1.GetIamPolicyRequest;
import com.google.iam.v1.Policy;
import com.google.iam.v1.SetIamPolicyRequest;
import com.google.iam.v1.TestIamPermissionsRequest;
import com.google.iam.v1.TestIamPermissionsResponse;
import com.google.protobuf.ByteString;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.Role;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceChange;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/**
 * Who may call a service, as an IAM policy: {@code roles/run.invoker} for {@code allUsers}, or for
 * nobody; whoever has the project's invoker token may call it anyhow.
 */
final class PolicyCalls {
    private static final String INVOKER = "roles/run.invoker";
    private static final String ANYONE = "allUsers";

    /** What Cloud Run calls the rights to read, and those of changing whatever there is. */
    private static final Pattern READING =
            Pattern.compile("run\\.[a-zA-Z]+\\.(get|list|getIamPolicy)");

    private final CatalogPort catalog;
    private final Caller caller;

    PolicyCalls(CatalogPort catalog) {
        this(catalog, Caller.BOOTSTRAP);
    }

    private PolicyCalls(CatalogPort catalog, Caller caller) {
        this.catalog = catalog;
        this.caller = caller;
    }

    /** The same, for calls by somebody. */
    PolicyCalls as(Caller caller) {
        return new PolicyCalls(catalog.as(caller), caller);
    }

    CompletionStage<Policy> get(GetIamPolicyRequest call) {
        return catalog.service(LocationName.service(call.getResource()).service())
                .thenApply(PolicyCalls::policy);
    }

    private static boolean isPublic(Service service) {
        return service.invokers() == Invokers.ANYONE && !ServiceWriter.isIamDisabled(service);
    }

    private static Policy policy(Service service) {
        Policy.Builder policy = Policy.newBuilder().setVersion(1).setEtag(etag(service));
        if (isPublic(service)) {
            policy.addBindings(Binding.newBuilder().setRole(INVOKER).addMembers(ANYONE));
        }
        return policy.build();
    }

    /** Its own: who may call a service is not among what the service's etag is about. */
    private static ByteString etag(Service service) {
        return ByteString.copyFromUtf8(
                service.version().uid() + (isPublic(service) ? "-public" : "-private"));
    }

    CompletionStage<Policy> set(SetIamPolicyRequest call) {
        LocationName.OfService name = LocationName.service(call.getResource());
        boolean wanted = isPublic(call.getPolicy());
        return catalog.service(name.service())
                .thenCompose(
                        now -> {
                            check(call.getPolicy(), now);
                            Invokers invokers = wanted ? Invokers.ANYONE : notAnyone(now);
                            return catalog.change(
                                    name.service(), ServiceChange.NONE.with(invokers));
                        })
                .thenApply(PolicyCalls::policy);
    }

    /** Who may call it when not anyone may: those who may already, if that is decided. */
    private static Invokers notAnyone(Service now) {
        return now.invokers() == Invokers.ANYONE ? Invokers.TOKEN : now.invokers();
    }

    private static void check(Policy wanted, Service now) {
        if (!wanted.getEtag().isEmpty() && !wanted.getEtag().equals(etag(now))) {
            throw new HearthException(
                    ErrorKind.CONFLICT,
                    "policy-changed",
                    "the policy of service \""
                            + now.name()
                            + "\" was changed by somebody else meanwhile; read it again, and change"
                            + " what you read");
        }
        if (ServiceWriter.isIamDisabled(now)) {
            throw new HearthException(
                    ErrorKind.FAILED_PRECONDITION,
                    "policy-disabled",
                    "anyone may call service \""
                            + now.name()
                            + "\", whatever its policy says: its invokerIamDisabled is true; update"
                            + " that first");
        }
    }

    private static boolean isPublic(Policy policy) {
        Sent.only("policy", policy, Set.of("version", "bindings", "etag"));
        boolean isPublic = false;
        for (int i = 0; i < policy.getBindingsCount(); i++) {
            Binding binding = policy.getBindings(i);
            String path = "policy.bindings[" + i + "]";
            if (binding.hasCondition()) {
                throw Sent.unsupported(path + ".condition", "is not supported");
            }
            if (!binding.getRole().equals(INVOKER)) {
                throw Sent.unsupported(path + ".role", "can be " + INVOKER + " only");
            }
            for (String member : binding.getMembersList()) {
                if (!member.equals(ANYONE)) {
                    throw Sent.unsupported(
                            path + ".members",
                            "can be "
                                    + ANYONE
                                    + " only (others call with the project's invoker token)");
                }
                isPublic = true;
            }
        }
        return isPublic;
    }

    /** Viewers may read; the others may do anything. */
    CompletionStage<TestIamPermissionsResponse> test(TestIamPermissionsRequest call) {
        return catalog.service(LocationName.service(call.getResource()).service())
                .thenApply(
                        service ->
                                TestIamPermissionsResponse.newBuilder()
                                        .addAllPermissions(
                                                call.getPermissionsList().stream()
                                                        .filter(p -> has(caller, p))
                                                        .toList())
                                        .build());
    }

    static boolean has(Caller caller, String permission) {
        return caller.role().covers(Role.DEPLOYER) || READING.matcher(permission).matches();
    }
}
