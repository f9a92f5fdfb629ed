package dev.hearth.contracts;

import java.util.regex.Pattern;

/** What a secret is called in its project; as Google's Secret Manager has it. */
public record SecretName(String value) {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,254}");

    /** Throws INVALID {@code invalid-secret}. */
    public SecretName {
        if (!FORM.matcher(value).matches()) {
            throw HearthException.invalid(
                    "invalid-secret",
                    "secret name \""
                            + value
                            + "\" is not 1 to 255 letters, digits, dashes and underscores");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
