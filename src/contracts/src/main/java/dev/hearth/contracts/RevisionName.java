package dev.hearth.contracts;

import java.util.regex.Pattern;

/** A revision's name, unique on the platform: {@code SERVICE-00003-k7d}. At most 63 characters. */
public record RevisionName(String value) {
    private static final Pattern VALID = Pattern.compile("[a-z]([a-z0-9-]{0,61}[a-z0-9])?");

    /** Throws INVALID {@code invalid-name} when it is not a DNS label. */
    public RevisionName {
        if (!VALID.matcher(value).matches()) {
            throw HearthException.invalid(
                    "invalid-name", "revision name \"" + value + "\" is not a DNS label");
        }
    }

    /**
     * The name of a service's {@code number}-th revision.
     *
     * @param number counts from 1 within the service
     * @param suffix three or so random letters, so that a deleted and re-created service never
     *     reuses a name that logs and bills know
     */
    public static RevisionName of(ServiceName service, int number, String suffix) {
        return new RevisionName("%s-%05d-%s".formatted(service, number, suffix));
    }

    @Override
    public String toString() {
        return value;
    }
}
