package dev.hearth.contracts;

import java.time.Instant;

/**
 * Where a start's time went, step by step and in this order; nanoseconds.
 *
 * @param begunAt when the runtime was asked
 * @param slotNanos taking or making the sandbox shell
 * @param limitsNanos writing the cgroup limits
 * @param rootfsNanos mounting the root filesystem and entering it
 * @param execNanos from there until execve succeeded
 * @param readyNanos from there until the port took a connection
 */
public record StartTimings(
        Instant begunAt,
        long slotNanos,
        long limitsNanos,
        long rootfsNanos,
        long execNanos,
        long readyNanos) {

    public long totalNanos() {
        return slotNanos + limitsNanos + rootfsNanos + execNanos + readyNanos;
    }
}
