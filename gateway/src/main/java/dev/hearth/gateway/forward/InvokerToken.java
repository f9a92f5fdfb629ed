package dev.hearth.gateway.forward;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What callers of private services show: {@code Authorization: Bearer TOKEN}, or {@code
 * X-Serverless-Authorization} where a service wants the first one for itself (Cloud Run's name for
 * it). The container sees neither.
 */
public final class InvokerToken {
    static final String OF_THE_PLATFORM = "X-Serverless-Authorization";
    private static final String SCHEME = "Bearer ";

    /** No service is private where nobody can have a token. */
    public static final InvokerToken NONE = new InvokerToken("");

    private final byte[] token;

    /**
     * @param token empty for one that nobody has
     */
    public InvokerToken(String token) {
        this.token = token.getBytes(StandardCharsets.UTF_8);
    }

    /** Why a request may not call a private service; empty when it may. */
    Optional<HearthException> refusal(MultiMap headers) {
        String ours = headers.get(OF_THE_PLATFORM);
        String given = ours != null ? ours : headers.get(HttpHeaders.AUTHORIZATION);
        if (given == null) {
            return Optional.of(
                    refused(
                            "not-authenticated",
                            "this service is private; call it with the invoker token as"
                                    + " Authorization: Bearer TOKEN"));
        }
        return isToken(given)
                ? Optional.empty()
                : Optional.of(
                        refused(
                                "invalid-token",
                                "what the request shows is not the invoker token of this platform"));
    }

    private static HearthException refused(String reason, String sentence) {
        return new HearthException(ErrorKind.UNAUTHENTICATED, reason, sentence);
    }

    private boolean isToken(@Nullable String header) {
        return token.length > 0
                && header != null
                && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                // takes the same time wherever they differ
                && MessageDigest.isEqual(
                        header.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8),
                        token);
    }

    /** Takes the token out of what a container gets; what else is in Authorization stays. */
    void remove(MultiMap headers) {
        headers.remove(OF_THE_PLATFORM);
        if (isToken(headers.get(HttpHeaders.AUTHORIZATION))) {
            headers.remove(HttpHeaders.AUTHORIZATION);
        }
    }
}
