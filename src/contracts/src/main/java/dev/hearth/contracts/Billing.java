package dev.hearth.contracts;

/** What time of a revision's instances is paid for. */
public enum Billing {
    /**
     * Their starts, the times with requests in them, and their ends; less for idle minimum ones.
     */
    REQUEST,
    /** Their whole lives, a minute at least, during which they have all of their CPU. */
    INSTANCE;

    /** {@code request} or {@code instance}; throws INVALID {@code invalid-billing} otherwise. */
    public static Billing parse(String text) {
        return switch (text) {
            case "request" -> REQUEST;
            case "instance" -> INSTANCE;
            default ->
                    throw HearthException.invalid(
                            "invalid-billing",
                            "billing \"" + text + "\" is neither request nor instance");
        };
    }

    /** As {@link #parse} reads it. */
    public String word() {
        return switch (this) {
            case REQUEST -> "request";
            case INSTANCE -> "instance";
        };
    }
}
