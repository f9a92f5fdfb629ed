package dev.hearth.gateway.cloudrun;

import com.google.cloud.run.v2.CreateServiceRequest;
import com.google.cloud.run.v2.DeleteRevisionRequest;
import com.google.cloud.run.v2.DeleteServiceRequest;
import com.google.cloud.run.v2.Execution;
import com.google.cloud.run.v2.GetRevisionRequest;
import com.google.cloud.run.v2.GetServiceRequest;
import com.google.cloud.run.v2.Job;
import com.google.cloud.run.v2.ListRevisionsRequest;
import com.google.cloud.run.v2.ListServicesRequest;
import com.google.cloud.run.v2.Revision;
import com.google.cloud.run.v2.Service;
import com.google.cloud.run.v2.UpdateServiceRequest;
import com.google.iam.v1.GetIamPolicyRequest;
import com.google.iam.v1.SetIamPolicyRequest;
import com.google.iam.v1.TestIamPermissionsRequest;
import com.google.longrunning.WaitOperationRequest;
import com.google.protobuf.Empty;
import com.google.protobuf.FieldMask;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.FieldMaskUtil;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.ErrorInfo;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The API over HTTP and JSON, as the google.api.http rules of its methods have it. */
final class RestCalls {
    private static final Pattern PATH =
            Pattern.compile(
                    "/v2/(projects/[^/]+/locations/[^/]+)/(services|operations)"
                            + "(?:/([^/:]+))?(?:/(revisions)(?:/([^/:]+))?)?(?::([A-Za-z]+))?");
    private static final JsonFormat.TypeRegistry TYPES =
            JsonFormat.TypeRegistry.newBuilder()
                    .add(Service.getDescriptor())
                    .add(Revision.getDescriptor())
                    .add(Job.getDescriptor())
                    .add(Execution.getDescriptor())
                    .add(ErrorInfo.getDescriptor())
                    .build();
    private static final JsonFormat.Printer PRINTER =
            JsonFormat.printer().usingTypeRegistry(TYPES).omittingInsignificantWhitespace();
    private static final JsonFormat.Parser PARSER = JsonFormat.parser().usingTypeRegistry(TYPES);

    private final RunApi api;

    RestCalls(RunApi api) {
        this.api = api;
    }

    /**
     * An HTTP request.
     *
     * @param query parameters; the first of a name
     */
    record Request(String method, String path, Map<String, String> query, String body) {
        String text(String name) {
            return query.getOrDefault(name, "");
        }

        boolean flag(String name) {
            String value = text(name);
            if (!value.isEmpty() && !value.equals("true") && !value.equals("false")) {
                throw Sent.wrong(name, "is neither true nor false");
            }
            return value.equals("true");
        }

        int number(String name) {
            String value = text(name);
            if (!value.matches("-?\\d{0,9}") || value.equals("-")) {
                throw Sent.wrong(name, "is not a whole number");
            }
            return value.isEmpty() ? 0 : Integer.parseInt(value);
        }

        FieldMask mask() {
            return FieldMaskUtil.fromJsonString(text("updateMask"));
        }
    }

    static String print(Message message) {
        try {
            return PRINTER.print(message);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("every type that is packed is in the registry", e);
        }
    }

    static void parse(String json, Message.Builder into) {
        try {
            PARSER.merge(json, into);
        } catch (InvalidProtocolBufferException e) {
            throw HearthException.invalid(
                    "invalid-json", "the body is not what it should be: " + e.getMessage());
        }
    }

    /** NOT_FOUND {@code no-such-call}, or what the call fails with. */
    CompletionStage<? extends Message> answer(Request request) {
        Matcher path = PATH.matcher(request.path());
        if (!path.matches()) {
            return new JobRestCalls(api).answer(request).orElseThrow(() -> noSuchCall(request));
        }
        String location = path.group(1);
        String id = path.group(3);
        String revision = path.group(5);
        String service = location + "/services/" + id;
        String shape =
                path.group(2)
                        + (id == null ? "" : "/*")
                        + (path.group(4) == null ? "" : "/revisions")
                        + (revision == null ? "" : "/*")
                        + verb(path.group(6));
        return switch (request.method() + " " + shape) {
            case "POST services" -> create(location, request);
            case "GET services" -> list(location, request);
            case "GET services/*" ->
                    api.services().get(GetServiceRequest.newBuilder().setName(service).build());
            case "PATCH services/*" -> update(service, request);
            case "DELETE services/*" -> delete(service, request);
            case "GET services/*:getIamPolicy" ->
                    api.policies()
                            .get(GetIamPolicyRequest.newBuilder().setResource(service).build());
            case "POST services/*:setIamPolicy" -> {
                SetIamPolicyRequest.Builder call = SetIamPolicyRequest.newBuilder();
                parse(request.body(), call);
                yield api.policies().set(call.setResource(service).build());
            }
            case "POST services/*:testIamPermissions" -> {
                TestIamPermissionsRequest.Builder call = TestIamPermissionsRequest.newBuilder();
                parse(request.body(), call);
                yield api.policies().test(call.setResource(service).build());
            }
            case "GET services/*/revisions" -> revisions(service, request);
            case "GET services/*/revisions/*" ->
                    api.revisions()
                            .get(
                                    GetRevisionRequest.newBuilder()
                                            .setName(service + "/revisions/" + revision)
                                            .build());
            case "DELETE services/*/revisions/*" ->
                    deleteRevision(service + "/revisions/" + revision, request);
            case "GET operations" ->
                    CompletableFuture.completedFuture(
                            api.operations()
                                    .list(
                                            location,
                                            request.number("pageSize"),
                                            request.text("pageToken")));
            case "GET operations/*" ->
                    CompletableFuture.completedFuture(
                            api.operations().get(location + "/operations/" + id));
            case "DELETE operations/*" -> {
                api.operations().delete(location + "/operations/" + id);
                yield CompletableFuture.completedFuture(Empty.getDefaultInstance());
            }
            case "POST operations/*:wait" -> {
                WaitOperationRequest.Builder call = WaitOperationRequest.newBuilder();
                parse(request.body().isEmpty() ? "{}" : request.body(), call);
                yield api.await(call.setName(location + "/operations/" + id).build());
            }
            default -> throw noSuchCall(request);
        };
    }

    private static String verb(@Nullable String verb) {
        return verb == null ? "" : ":" + verb;
    }

    private CompletionStage<? extends Message> create(String location, Request request) {
        CreateServiceRequest.Builder call = CreateServiceRequest.newBuilder();
        parse(request.body(), call.getServiceBuilder());
        return api.services()
                .create(
                        call.setParent(location)
                                .setServiceId(request.text("serviceId"))
                                .setValidateOnly(request.flag("validateOnly"))
                                .build());
    }

    private CompletionStage<? extends Message> list(String location, Request request) {
        return api.services()
                .list(
                        ListServicesRequest.newBuilder()
                                .setParent(location)
                                .setPageSize(request.number("pageSize"))
                                .setPageToken(request.text("pageToken"))
                                .build());
    }

    private CompletionStage<? extends Message> update(String name, Request request) {
        UpdateServiceRequest.Builder call = UpdateServiceRequest.newBuilder();
        parse(request.body(), call.getServiceBuilder());
        call.getServiceBuilder().setName(name);
        return api.services()
                .update(
                        call.setUpdateMask(request.mask())
                                .setAllowMissing(request.flag("allowMissing"))
                                .setValidateOnly(request.flag("validateOnly"))
                                .build());
    }

    private CompletionStage<? extends Message> delete(String name, Request request) {
        return api.services()
                .delete(
                        DeleteServiceRequest.newBuilder()
                                .setName(name)
                                .setEtag(request.text("etag"))
                                .setValidateOnly(request.flag("validateOnly"))
                                .build());
    }

    private CompletionStage<? extends Message> revisions(String service, Request request) {
        return api.revisions()
                .list(
                        ListRevisionsRequest.newBuilder()
                                .setParent(service)
                                .setPageSize(request.number("pageSize"))
                                .setPageToken(request.text("pageToken"))
                                .build());
    }

    private CompletionStage<? extends Message> deleteRevision(String name, Request request) {
        return api.revisions()
                .delete(
                        DeleteRevisionRequest.newBuilder()
                                .setName(name)
                                .setEtag(request.text("etag"))
                                .setValidateOnly(request.flag("validateOnly"))
                                .build());
    }

    private static HearthException noSuchCall(Request request) {
        return new HearthException(
                ErrorKind.NOT_FOUND,
                Statuses.NO_SUCH_CALL,
                request.method()
                        + " "
                        + request.path()
                        + " is not among the calls of Cloud Run's Admin API v2 that are there:"
                        + " services, their revisions, jobs, their executions and tasks, and"
                        + " operations");
    }
}
