package dev.hearth.contracts;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A token of the admin API, without what its holder shows: that is told once, when it is made, and
 * kept as its SHA-256 only.
 *
 * <p>A quick hash is the right one here. Slow ones (argon2, bcrypt) exist for passwords, which
 * people choose and others can guess; this is 256 random bits, of which nobody tries out a share
 * that counts, however quick each try is. And every call is looked up by the digest, so that no
 * comparison's time tells anything.
 *
 * @param name of its own, which the audit log shows
 * @param project that it is of; an admin's is the default one, and good for all
 * @param expiresAt from when on it is good for nothing; empty for never
 */
public record ApiToken(
        String name,
        ProjectName project,
        Role role,
        Instant createdAt,
        Optional<Instant> expiresAt) {
    /** What every token begins with, so that people, and scanners for secrets, know it. */
    public static final String PREFIX = "hearth_";

    private static final int RANDOM_BYTES = 32;
    private static final Pattern TEXT = Pattern.compile(PREFIX + "[A-Za-z0-9_-]{43}");
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9._@-]{0,61}[a-z0-9])?");

    /** Throws INVALID {@code invalid-name}, {@code invalid-role}. */
    public ApiToken {
        if (!NAME.matcher(name).matches() || name.equals(Caller.BOOTSTRAP.name())) {
            throw HearthException.invalid(
                    "invalid-name",
                    "token name \""
                            + name
                            + "\" is not 1 to 63 lower-case letters, digits and . _ @ -, or is"
                            + " bootstrap");
        }
        if (role == Role.ADMIN && !project.isDefault()) {
            throw HearthException.invalid(
                    "invalid-role",
                    "an admin is one of the whole platform; say deployer or viewer for a token of"
                            + " project "
                            + project);
        }
    }

    /** Who comes with it. */
    public Caller caller() {
        return new Caller(name, role, project);
    }

    public boolean isExpired(Instant now) {
        return expiresAt.filter(end -> !end.isAfter(now)).isPresent();
    }

    /** What a new token's holder will show. */
    public static String text(SecureRandom random) {
        byte[] bits = new byte[RANDOM_BYTES];
        random.nextBytes(bits);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }

    /** What is kept of it: its SHA-256 in hexadecimal; empty for what is no token. */
    public static Optional<String> digest(String text) {
        if (!TEXT.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.US_ASCII));
            return Optional.of(HexFormat.of().formatHex(hash));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK knows SHA-256", e);
        }
    }
}
