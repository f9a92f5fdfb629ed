package dev.hearth.gateway.admin;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** The token that every call to the admin port carries. */
public final class BearerToken {
    private static final String SCHEME = "Bearer ";

    private final byte[] token;

    public BearerToken(String token) {
        this.token = token.getBytes(StandardCharsets.UTF_8);
    }

    /** Whether these headers have it; takes the same time wherever another one differs. */
    public boolean isShown(MultiMap headers) {
        String given = headers.get(HttpHeaders.AUTHORIZATION);
        String bearer =
                given != null && given.startsWith(SCHEME) ? given.substring(SCHEME.length()) : "";
        return MessageDigest.isEqual(bearer.getBytes(StandardCharsets.UTF_8), token);
    }

    /** What a call without it fails with. */
    public HearthException refusal() {
        return new HearthException(
                ErrorKind.UNAUTHENTICATED,
                "invalid-token",
                "the admin API needs the token of the file admin-token in the data directory, as"
                        + " Authorization: Bearer TOKEN");
    }
}
