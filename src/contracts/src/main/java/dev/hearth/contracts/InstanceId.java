package dev.hearth.contracts;

import java.util.regex.Pattern;

/** An instance's id, unique on the platform for ever: {@code i-} and 12 base-32 characters. */
public record InstanceId(String value) {
    private static final Pattern VALID = Pattern.compile("i-[a-z2-7]{12}");

    /** Throws INVALID {@code invalid-name} when it is not of that form. */
    public InstanceId {
        if (!VALID.matcher(value).matches()) {
            throw HearthException.invalid(
                    "invalid-name", "instance id \"" + value + "\" is not i- and 12 characters");
        }
    }

    /** The id made of the low 60 bits of {@code random}. */
    public static InstanceId of(long random) {
        StringBuilder id = new StringBuilder(14).append("i-");
        for (int i = 0; i < 12; i++) {
            id.append("abcdefghijklmnopqrstuvwxyz234567".charAt((int) (random >>> (5 * i)) & 31));
        }
        return new InstanceId(id.toString());
    }

    @Override
    public String toString() {
        return value;
    }
}
