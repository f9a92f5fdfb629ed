package dev.hearth.runtime.instance;

import dev.hearth.contracts.ExitCause;

/** Where an instance is in its life. Forward only, but for the warm ladder's rungs. */
sealed interface InstanceState {
    /** Its process is being made, or does not listen yet; no CPU quota. */
    record Starting() implements InstanceState {}

    /** It takes connections and has its full quota. */
    record Ready() implements InstanceState {}

    /** No request is in it; its quota is cut to a sliver. */
    record Idle() implements InstanceState {}

    /** Its processes stand where they were. */
    record Frozen() implements InstanceState {}

    /** Frozen, and what could be of its memory is in swap. */
    record Paged() implements InstanceState {}

    /** It was told to end. */
    record Draining() implements InstanceState {}

    /** Its process is no more. */
    record Stopped(ExitCause cause) implements InstanceState {}

    /** As the API says it. */
    default String word() {
        return switch (this) {
            case Starting s -> "starting";
            case Ready r -> "ready";
            case Idle i -> "idle";
            case Frozen f -> "frozen";
            case Paged p -> "paged";
            case Draining d -> "draining";
            case Stopped s -> "stopped";
        };
    }

    /** Whether {@code next} may follow this. */
    default boolean mayBecome(InstanceState next) {
        return switch (this) {
            case Starting s -> next instanceof Ready || ends(next);
            case Ready r -> next instanceof Idle || stands(next) || ends(next);
            case Idle i -> next instanceof Ready || stands(next) || ends(next);
            case Frozen f -> next instanceof Paged || runs(next) || ends(next);
            case Paged p -> runs(next) || ends(next);
            case Draining d -> next instanceof Stopped;
            case Stopped s -> false;
        };
    }

    private static boolean runs(InstanceState next) {
        return next instanceof Ready || next instanceof Idle;
    }

    private static boolean stands(InstanceState next) {
        return next instanceof Frozen || next instanceof Paged;
    }

    private static boolean ends(InstanceState next) {
        return next instanceof Draining || next instanceof Stopped;
    }
}
