package dev.hearth.gateway.forward;

import dev.hearth.contracts.ApiToken;
import dev.hearth.contracts.AuditPort;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.Role;
import dev.hearth.gateway.access.Access;
import dev.hearth.gateway.access.ProjectSecret;
import dev.hearth.gateway.access.Repositories;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
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
 * registry's own. Each sees the repositories of its project only. Pushes are written into the audit
 * log.
 */
public final class RegistryPass {
    private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD);

    /** What makes or removes an image; the rest of a push is of no use without it. */
    private static final Pattern IMAGE =
            Pattern.compile("/v2/(.{1,255})/manifests/([^/]{1,128})|/v2/_load");

    /** A project's derived token; see ProjectSecret. */
    private static final Pattern SHARED =
            Pattern.compile("([a-z](?:[a-z0-9]|-(?!-)){0,28}[a-z0-9]|[a-z])\\.[A-Za-z0-9_-]{43}");

    private static final Pattern REPOSITORY =
            Pattern.compile("/v2/(.{1,255})/(?:manifests|blobs|tags|referrers)/.*");

    private final Access access;
    private final AuditPort audit;
    private final String token;
    private final String shown;
    private final Repositories repositories;

    /**
     * @param token the registry's own
     */
    public RegistryPass(Access access, AuditPort audit, String token) {
        this.access = access;
        this.audit = audit;
        this.token = token;
        this.shown = "Bearer " + token;
        this.repositories = new Repositories(access.scopes());
    }

    /**
     * How a request goes on to the registry.
     *
     * @param authorization what it is shown in place of the request's; empty for that itself
     * @param uri what is asked for
     */
    record Pass(Optional<String> authorization, String uri) {}

    /**
     * Lets a request pass, or not. Fails with FORBIDDEN {@code role-missing} or {@code
     * project-missing}, UNAVAILABLE {@code database-unavailable}.
     */
    CompletionStage<Pass> pass(HttpServerRequest request) {
        String secret = secret(request.getHeader(HttpHeaders.AUTHORIZATION));
        Optional<ProjectName> shared = sharedBy(secret);
        if (shared.isPresent()) {
            Caller pusher = new Caller("registry", Role.DEPLOYER, shared.get());
            Optional<String> instead =
                    shared.get().isDefault() ? Optional.empty() : Optional.of(shown);
            return allowed(request, pusher)
                    .thenCompose(
                            uri ->
                                    noted(request, pusher)
                                            // its holders never needed the database
                                            .exceptionally(away -> null)
                                            .thenApply(noted -> new Pass(instead, uri)));
        }
        if (ApiToken.digest(secret).isEmpty()) {
            return CompletableFuture.completedFuture(unknown(request));
        }
        return access.caller(secret)
                .thenCompose(
                        caller -> {
                            caller.check(
                                    READING.contains(request.method())
                                            ? Role.VIEWER
                                            : Role.DEPLOYER);
                            return allowed(request, caller)
                                    .thenCompose(
                                            uri -> noted(request, caller).thenApply(noted -> uri));
                        })
                .thenApply(uri -> new Pass(Optional.of(shown), uri))
                .exceptionally(
                        failure -> {
                            HearthException why = HearthException.from(failure);
                            if (why.kind() == ErrorKind.UNAUTHENTICATED) {
                                return unknown(request);
                            }
                            throw why;
                        });
    }

    /** The registry says how to log in. */
    private static Pass unknown(HttpServerRequest request) {
        return new Pass(Optional.empty(), request.uri());
    }

    /** The project whose people share a secret for the registry. */
    private Optional<ProjectName> sharedBy(String secret) {
        Matcher ofProject = SHARED.matcher(secret);
        ProjectName project =
                ofProject.matches() ? new ProjectName(ofProject.group(1)) : ProjectName.DEFAULT;
        byte[] its = ProjectSecret.of(token, project).getBytes(StandardCharsets.UTF_8);
        // takes the same time wherever they differ
        return its.length > 0 && MessageDigest.isEqual(secret.getBytes(StandardCharsets.UTF_8), its)
                ? Optional.of(project)
                : Optional.empty();
    }

    /** What is asked for, where somebody may ask for it. */
    private CompletionStage<String> allowed(HttpServerRequest request, Caller caller) {
        String path = request.path().replaceAll("(?i)%3A", ":"); // as the registry reads it
        if (path.equals("/v2") || path.equals("/v2/")) {
            return CompletableFuture.completedFuture(request.uri());
        }
        if (path.equals("/v2/_catalog")) {
            return repositories
                    .areAllOf(caller)
                    .thenApply(
                            are -> checked(are, caller, "the list of all repositories", request));
        }
        Matcher of = REPOSITORY.matcher(path);
        String repository =
                path.equals("/v2/_load")
                        ? query(request, "name")
                        : of.matches() ? of.group(1) : path;
        return repositories
                .areOf(caller, repository)
                .thenApply(
                        are -> checked(are, caller, "repository \"" + repository + "\"", request))
                .thenCompose(uri -> withoutOthers(request, caller));
    }

    private static String checked(
            boolean allowed, Caller caller, String what, HttpServerRequest request) {
        if (!allowed) {
            throw Repositories.refusal(caller, what);
        }
        return request.uri();
    }

    /**
     * A blob is not taken over from a repository that the caller may not read: it is pushed as if
     * nobody had it, as the specification wants of who cannot mount it.
     */
    private CompletionStage<String> withoutOthers(HttpServerRequest request, Caller caller) {
        String from = query(request, "from");
        if (from.isEmpty() || query(request, "mount").isEmpty()) {
            return CompletableFuture.completedFuture(request.uri());
        }
        return repositories
                .areOf(caller, from)
                .thenApply(are -> are ? request.uri() : request.path());
    }

    private CompletionStage<Void> noted(HttpServerRequest request, Caller caller) {
        Matcher image = IMAGE.matcher(request.path());
        if (READING.contains(request.method()) || !image.matches()) {
            return CompletableFuture.completedFuture(null);
        }
        String name =
                image.group(1) == null
                        ? query(request, "name")
                        : image.group(1) + ":" + image.group(2);
        String action = request.method() == HttpMethod.DELETE ? "delete" : "push";
        return audit.note(caller, action, "image", name);
    }

    /** As the registry reads it, which is not in all as HTTP servers do; empty for none. */
    private static String query(HttpServerRequest request, String name) {
        String all = request.query() == null ? "" : request.query();
        for (String pair : all.split("&", -1)) {
            if (pair.startsWith(name + "=")) {
                String value = pair.substring(name.length() + 1);
                try {
                    return URLDecoder.decode(value, StandardCharsets.UTF_8);
                } catch (IllegalArgumentException malformed) {
                    return value;
                }
            }
        }
        return "";
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
