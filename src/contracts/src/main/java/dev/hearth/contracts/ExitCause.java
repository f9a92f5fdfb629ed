package dev.hearth.contracts;

/** Why an instance's process is no more. */
public sealed interface ExitCause {
    /** It ended by itself with this exit status. */
    record Exited(int status) implements ExitCause {}

    /** A signal that the platform did not send ended it. */
    record Killed(int signal) implements ExitCause {}

    /**
     * The kernel killed it at its memory limit.
     *
     * @param peakBytes the most it used, 0 when the kernel does not tell
     */
    record OutOfMemory(long limitBytes, long peakBytes) implements ExitCause {}

    /** It ended while nobody watched who could know how: the launcher that had made it was gone. */
    record Unwatched() implements ExitCause {}

    /**
     * Its node no longer answers: to the platform it is gone, and is stopped should the node come
     * back.
     */
    record NodeLost(String node) implements ExitCause {}

    /**
     * Its command could not be run at all.
     *
     * @param why a sentence
     */
    record NotStarted(String why) implements ExitCause {}

    /** The platform stopped it. */
    record Stopped(StopReason reason) implements ExitCause {}

    /** Says it for a person, as the end of "the container …". */
    default String words() {
        return switch (this) {
            case Exited e -> "exited with status " + e.status();
            case Killed k -> "was killed by signal " + k.signal();
            case OutOfMemory o ->
                    "was killed because it used more than its memory limit of "
                            + new DataSize(o.limitBytes());
            case Unwatched u -> "ended; how is not known, because its launcher had died before";
            case NodeLost n -> "is lost, because its node " + n.node() + " does not answer";
            case NotStarted n -> "could not be started: " + n.why();
            case Stopped s -> "was stopped (" + s.reason() + ")";
        };
    }
}
