package dev.hearth.runtime.instance;

import dev.hearth.contracts.ExitCause;

/** Where an instance is in its life. Forward only, but for Ready and Idle, which alternate. */
sealed interface InstanceState {
    /** Its process is being made, or does not listen yet; no CPU quota. */
    record Starting() implements InstanceState {}

    /** It takes connections and has its full quota. */
    record Ready() implements InstanceState {}

    /** No request is in it; its quota is cut to a sliver. */
    record Idle() implements InstanceState {}

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
            case Draining d -> "draining";
            case Stopped s -> "stopped";
        };
    }

    /** Whether {@code next} may follow this. */
    default boolean mayBecome(InstanceState next) {
        return switch (this) {
            case Starting s ->
                    next instanceof Ready || next instanceof Draining || next instanceof Stopped;
            case Ready r ->
                    next instanceof Idle || next instanceof Draining || next instanceof Stopped;
            case Idle i ->
                    next instanceof Ready || next instanceof Draining || next instanceof Stopped;
            case Draining d -> next instanceof Stopped;
            case Stopped s -> false;
        };
    }
}
