package dev.hearth.contracts;

import java.util.regex.Pattern;

/**
 * A service's name: the first label of its URL, hence a DNS label of at most 49 characters (Cloud
 * Run's limit, which leaves room for a revision's suffix in 63).
 */
public record ServiceName(String value) {
    /** Taken: {@code registry.DOMAIN} is where images are pushed. */
    public static final String REGISTRY = "registry";

    private static final Pattern VALID = Pattern.compile("[a-z]([a-z0-9-]{0,47}[a-z0-9])?");

    /**
     * Throws INVALID {@code invalid-name} when it is not such a label, has the tag mark "---", or
     * is {@link #REGISTRY}.
     */
    public ServiceName {
        if (!VALID.matcher(value).matches() || value.contains("---")) {
            throw HearthException.invalid(
                    "invalid-name",
                    "service name \""
                            + shortened(value)
                            + "\" is not valid: use 1 to 49 lower-case letters, digits and dashes,"
                            + " starting with a letter, ending with a letter or digit, without"
                            + " \"---\"");
        }
        if (value.equals(REGISTRY)) {
            throw HearthException.invalid(
                    "invalid-name",
                    "the name \"registry\" is that of the platform's own registry; choose another");
        }
    }

    private static String shortened(String value) {
        return value.length() <= 64 ? value : value.substring(0, 61) + "...";
    }

    @Override
    public String toString() {
        return value;
    }
}
