package dev.hearth.gateway.forward;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import dev.hearth.gateway.access.ProjectSecret;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What callers of private services show: {@code Authorization: Bearer TOKEN}, or {@code
 * X-Serverless-Authorization} where a service wants the first one for itself (Cloud Run's name for
 * it). The container sees neither. Each project has one of its own.
 */
public final class InvokerToken {
    static final String OF_THE_PLATFORM = "X-Serverless-Authorization";
    private static final String SCHEME = "Bearer ";

    /** No service is private where nobody can have a token. */
    public static final InvokerToken NONE = new InvokerToken("");

    private final String platforms;

    /** Of the projects that have private services. */
    private final Map<ProjectName, byte[]> tokens = new ConcurrentHashMap<>();

    /**
     * @param token the default project's; empty for one that nobody has
     */
    public InvokerToken(String token) {
        this.platforms = token;
    }

    /** What callers of a project's private services show. */
    public String of(ProjectName project) {
        return ProjectSecret.of(platforms, project);
    }

    /** Why a request may not call a private service of a project; empty when it may. */
    Optional<HearthException> refusal(ProjectName project, MultiMap headers) {
        String ours = headers.get(OF_THE_PLATFORM);
        String given = ours != null ? ours : headers.get(HttpHeaders.AUTHORIZATION);
        if (given == null) {
            return Optional.of(
                    refused(
                            "not-authenticated",
                            "this service is private; call it with the invoker token as"
                                    + " Authorization: Bearer TOKEN"));
        }
        return isToken(project, given)
                ? Optional.empty()
                : Optional.of(
                        refused(
                                "invalid-token",
                                "what the request shows is not the invoker token for this service"));
    }

    private static HearthException refused(String reason, String sentence) {
        return new HearthException(ErrorKind.UNAUTHENTICATED, reason, sentence);
    }

    private boolean isToken(ProjectName project, @Nullable String header) {
        byte[] token = tokens.computeIfAbsent(project, p -> of(p).getBytes(StandardCharsets.UTF_8));
        return token.length > 0
                && header != null
                && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                // takes the same time wherever they differ
                && MessageDigest.isEqual(
                        header.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8),
                        token);
    }

    /** Takes the token out of what a container gets; what else is in Authorization stays. */
    void remove(ProjectName project, MultiMap headers) {
        headers.remove(OF_THE_PLATFORM);
        if (isToken(project, headers.get(HttpHeaders.AUTHORIZATION))) {
            headers.remove(HttpHeaders.AUTHORIZATION);
        }
    }
}
