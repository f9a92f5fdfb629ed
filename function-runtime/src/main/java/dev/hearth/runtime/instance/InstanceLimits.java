package dev.hearth.runtime.instance;

import java.time.Duration;

/**
 * Bounds that hold for every instance of this node.
 *
 * @param startup from the order to start until the port must take a connection
 * @param stopGrace between SIGTERM and SIGKILL
 * @param processes and threads in one instance
 */
public record InstanceLimits(Duration startup, Duration stopGrace, int processes) {}
