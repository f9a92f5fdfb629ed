package dev.hearth.contracts;

import java.util.regex.Pattern;

/** A SHA-256 digest as OCI writes it: {@code sha256:} and 64 lower-case hex digits. */
public record Digest(String value) {
    private static final Pattern VALID = Pattern.compile("sha256:[0-9a-f]{64}");

    /** Throws INVALID {@code invalid-digest} when it is not of that form. */
    public Digest {
        if (!VALID.matcher(value).matches()) {
            throw HearthException.invalid(
                    "invalid-digest",
                    "\"" + value + "\" is not a digest: sha256: and 64 lower-case hex digits");
        }
    }

    /** The digest with these 64 hex digits. */
    public static Digest sha256(String hex) {
        return new Digest("sha256:" + hex);
    }

    /** The 64 hex digits. */
    public String hex() {
        return value.substring("sha256:".length());
    }

    @Override
    public String toString() {
        return value;
    }
}
