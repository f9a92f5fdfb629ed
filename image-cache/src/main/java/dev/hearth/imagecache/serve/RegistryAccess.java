package dev.hearth.imagecache.serve;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;

/**
 * Who may use the registry: whoever has the project's token, as the password of HTTP Basic (any
 * user name) or as a bearer token.
 */
final class RegistryAccess {
    private final byte[] token;

    RegistryAccess(String token) {
        this.token = token.getBytes(StandardCharsets.UTF_8);
    }

    /** Whether a request with this Authorization header may go on. */
    boolean allows(Optional<String> authorization) {
        byte[] given = authorization.map(RegistryAccess::secret).orElse(new byte[0]);
        return MessageDigest.isEqual(given, token); // takes the same time wherever they differ
    }

    private static byte[] secret(String header) {
        int blank = header.indexOf(' ');
        String scheme = blank < 0 ? "" : header.substring(0, blank);
        String rest = header.substring(blank + 1).strip();
        if (scheme.equalsIgnoreCase("bearer")) {
            return rest.getBytes(StandardCharsets.UTF_8);
        }
        if (!scheme.equalsIgnoreCase("basic")) {
            return new byte[0];
        }
        try {
            String both = new String(Base64.getDecoder().decode(rest), StandardCharsets.UTF_8);
            return both.substring(both.indexOf(':') + 1).getBytes(StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notBase64) {
            return new byte[0];
        }
    }
}
