package dev.hearth.gateway.pool;

/**
 * Who is let in to a service.
 *
 * @param onlyWithToken whether callers have to show the invoker token
 * @param spent whether its month's budget is, so that nobody is let in
 */
public record Door(boolean onlyWithToken, boolean spent) {
    /** Everybody. */
    public static final Door OPEN = new Door(false, false);

    public boolean isOpen() {
        return !onlyWithToken && !spent;
    }
}
