package dev.hearth.contracts;

/** Why the platform stopped an instance. */
public enum StopReason {
    /** The autoscaler wanted fewer. */
    SCALED_DOWN,
    /** It was idle, and the memory of its node was short. */
    EVICTED,
    /** Its liveness probe failed. */
    UNHEALTHY,
    /** Its revision no longer gets traffic. */
    REPLACED,
    /** Its service's requests go to another gateway now, which has no use for it. */
    MOVED,
    /** Its service was deleted. */
    DELETED,
    /** Somebody asked, by {@code hearth stop}. */
    REQUESTED,
    /** It is a job's task, and took longer than that may. */
    TIMED_OUT,
    /** It did not become ready. */
    START_FAILED,
    /** The platform itself is stopping. */
    PLATFORM_STOPPING
}
