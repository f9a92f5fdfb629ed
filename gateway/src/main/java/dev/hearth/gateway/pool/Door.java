package dev.hearth.gateway.pool;

import dev.hearth.contracts.Invokers;

/**
 * Who is let in to a service.
 *
 * @param invokers who may call it
 * @param spent whether its month's budget is, so that nobody is let in
 */
public record Door(Invokers invokers, boolean spent) {
    /** Everybody. */
    public static final Door OPEN = new Door(Invokers.ANYONE, false);

    /** Whether callers have to show something, which the container does not get. */
    public boolean isPrivate() {
        return invokers != Invokers.ANYONE;
    }

    public boolean isOpen() {
        return !isPrivate() && !spent;
    }
}
