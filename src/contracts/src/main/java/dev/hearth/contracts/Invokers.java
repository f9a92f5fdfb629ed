package dev.hearth.contracts;

import java.util.Locale;

/** Who may call a service. */
public enum Invokers {
    /** Whoever reaches it. */
    ANYONE,
    /** Whoever has the project's invoker token. */
    TOKEN;

    /** Throws INVALID {@code invalid-invokers} for a word that is none of them, in lower case. */
    public static Invokers parse(String text) {
        for (Invokers invokers : values()) {
            if (invokers.word().equals(text)) {
                return invokers;
            }
        }
        throw HearthException.invalid(
                "invalid-invokers", "invokers \"" + text + "\" are neither anyone nor token");
    }

    /** As the API says it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
