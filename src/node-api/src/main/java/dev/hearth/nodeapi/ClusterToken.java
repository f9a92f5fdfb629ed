package dev.hearth.nodeapi;

import dev.hearth.contracts.HearthException;
import io.grpc.CallCredentials;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;

/**
 * What the processes of one platform know each other by: a secret that all of them are given. Calls
 * carry it as a bearer token (RFC 6750).
 */
public final class ClusterToken {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    /** SOCKS5 passwords have 255 octets at most (RFC 1929). */
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._~+/=-]{32,255}");

    private final String secret;

    /** Throws INVALID {@code invalid-cluster-token} unless it is long enough to be no guess. */
    public ClusterToken(String secret) {
        if (!FORM.matcher(secret).matches()) {
            throw HearthException.invalid(
                    "invalid-cluster-token",
                    "the cluster token (HEARTH_CLUSTER_TOKEN) is not 32 to 255 letters, digits or"
                            + " any of ._~+/=-; make one with `openssl rand -hex 32`, the same for all"
                            + " processes");
        }
        this.secret = secret;
    }

    /** As it travels. */
    public String secret() {
        return secret;
    }

    /** Whether somebody has shown it; takes as long for a wrong one as for the right one. */
    public boolean is(String shown) {
        return MessageDigest.isEqual(
                secret.getBytes(StandardCharsets.UTF_8), shown.getBytes(StandardCharsets.UTF_8));
    }

    /** Shows it with every call. */
    public CallCredentials credentials() {
        return new CallCredentials() {
            @Override
            public void applyRequestMetadata(
                    RequestInfo request, Executor executor, MetadataApplier applier) {
                Metadata headers = new Metadata();
                headers.put(AUTHORIZATION, "Bearer " + secret);
                applier.apply(headers);
            }
        };
    }

    /** Refuses every call that does not show it. */
    public ServerInterceptor guard() {
        return new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                String shown = headers.get(AUTHORIZATION);
                if (shown != null && shown.startsWith("Bearer ") && is(shown.substring(7))) {
                    return next.startCall(call, headers);
                }
                call.close(
                        Status.UNAUTHENTICATED.withDescription(
                                "this call needs the cluster token as its bearer token"),
                        new Metadata());
                return new ServerCall.Listener<>() {};
            }
        };
    }
}
