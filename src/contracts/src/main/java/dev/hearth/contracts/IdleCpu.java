package dev.hearth.contracts;

/** How much CPU an instance has at least while no request is in it. */
public enum IdleCpu {
    /** None: it may be frozen until the next request. */
    NONE,
    /** A sliver. */
    SLIVER,
    /** All of it, for containers that work between requests. */
    FULL;

    /** As {@link ScalingRules} writes it; throws INVALID {@code invalid-scaling} otherwise. */
    static IdleCpu parse(String text) {
        return switch (text) {
            case "none" -> NONE;
            case "sliver" -> SLIVER;
            case "full" -> FULL;
            default ->
                    throw HearthException.invalid(
                            "invalid-scaling",
                            "scaling idle-cpu=" + text + " is not none, sliver or full");
        };
    }

    String word() {
        return switch (this) {
            case NONE -> "none";
            case SLIVER -> "sliver";
            case FULL -> "full";
        };
    }
}
