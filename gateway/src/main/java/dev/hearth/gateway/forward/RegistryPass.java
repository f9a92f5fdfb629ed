package dev.hearth.gateway.forward;

import dev.hearth.contracts.ApiToken;
import dev.hearth.contracts.AuditPort;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Role;
import dev.hearth.contracts.UsageRecord;
import dev.hearth.gateway.access.Access;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lets holders of API tokens use the registry, which knows its own token only: a viewer pulls, a
 * deployer pushes. What they show is the password of HTTP Basic, or a bearer token, as the
 * registry's own. Pushes are written into the audit log.
 */
public final class RegistryPass {
    private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD);

    /** What makes or removes an image; the rest of a push is of no use without it. */
    private static final Pattern IMAGE =
            Pattern.compile("/v2/(.{1,255})/manifests/([^/]{1,128})|/v2/_load");

    private final Access access;
    private final AuditPort audit;
    private final byte[] token;
    private final String shown;

    /**
     * @param token the registry's own
     */
    public RegistryPass(Access access, AuditPort audit, String token) {
        this.access = access;
        this.audit = audit;
        this.token = token.getBytes(StandardCharsets.UTF_8);
        this.shown = "Bearer " + token;
    }

    /**
     * What the registry is to be shown in place of the request's Authorization; empty for that
     * itself. Fails with FORBIDDEN {@code role-missing}, UNAVAILABLE {@code database-unavailable}.
     */
    CompletionStage<Optional<String>> authorization(HttpServerRequest request) {
        String secret = secret(request.getHeader(HttpHeaders.AUTHORIZATION));
        if (MessageDigest.isEqual(secret.getBytes(StandardCharsets.UTF_8), token)) {
            Caller pusher = new Caller("registry", Role.DEPLOYER, UsageRecord.DEFAULT_PROJECT);
            return noted(request, pusher)
                    .exceptionally(away -> null) // its holders never needed the database
                    .thenApply(noted -> Optional.empty());
        }
        if (ApiToken.digest(secret).isEmpty()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return access.caller(secret)
                .thenCompose(
                        caller -> {
                            caller.check(
                                    READING.contains(request.method())
                                            ? Role.VIEWER
                                            : Role.DEPLOYER);
                            return noted(request, caller);
                        })
                .thenApply(noted -> Optional.of(shown))
                .exceptionally(
                        failure -> {
                            HearthException why = HearthException.from(failure);
                            if (why.kind() == ErrorKind.UNAUTHENTICATED) {
                                return Optional.empty(); // the registry says how to log in
                            }
                            throw why;
                        });
    }

    private CompletionStage<Void> noted(HttpServerRequest request, Caller caller) {
        Matcher image = IMAGE.matcher(request.path());
        if (READING.contains(request.method()) || !image.matches()) {
            return CompletableFuture.completedFuture(null);
        }
        String name =
                image.group(1) == null
                        ? request.getParam("name", "")
                        : image.group(1) + ":" + image.group(2);
        String action = request.method() == HttpMethod.DELETE ? "delete" : "push";
        return audit.note(caller, action, "image", name);
    }

    private static String secret(@Nullable String header) {
        if (header == null) {
            return "";
        }
        int blank = header.indexOf(' ');
        String scheme = blank < 0 ? "" : header.substring(0, blank);
        String rest = header.substring(blank + 1).strip();
        if (scheme.equalsIgnoreCase("bearer")) {
            return rest;
        }
        if (!scheme.equalsIgnoreCase("basic")) {
            return "";
        }
        try {
            String both = new String(Base64.getDecoder().decode(rest), StandardCharsets.UTF_8);
            return both.substring(both.indexOf(':') + 1);
        } catch (IllegalArgumentException notBase64) {
            return "";
        }
    }
}
