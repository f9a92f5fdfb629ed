package dev.hearth.contracts;

import java.util.Locale;
import java.util.regex.Pattern;

/** A host name of somebody's own, in lower case and without a trailing dot: shop.example.com. */
public record DomainName(String value) {
    private static final int LONGEST = 253;

    /** Labels of letters, digits and dashes, two at least; no address. */
    private static final Pattern VALID =
            Pattern.compile(
                    "(?!\\d+(\\.\\d+){3}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+"
                            + "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    /** Throws INVALID {@code invalid-domain}. */
    public DomainName {
        if (value.length() > LONGEST || !VALID.matcher(value).matches()) {
            throw HearthException.invalid(
                    "invalid-domain",
                    "\""
                            + (value.length() > LONGEST ? value.substring(0, 60) + "…" : value)
                            + "\" is no full host name; give one like shop.example.com");
        }
    }

    /** As people write it, in any case and with or without a trailing dot. */
    public static DomainName parse(String text) {
        String name = text.toLowerCase(Locale.ROOT);
        return new DomainName(name.endsWith(".") ? name.substring(0, name.length() - 1) : name);
    }

    /** Whether it is another one, or below it. */
    public boolean isWithin(String other) {
        return value.equals(other) || value.endsWith("." + other);
    }

    @Override
    public String toString() {
        return value;
    }
}
