package dev.hearth.contracts;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * The node agent: starts, throttles and stops instances. Every method may be called from any
 * thread, an event loop too; none blocks but {@link #logs}.
 */
public interface RuntimePort {
    /**
     * Starts an instance and completes when its port takes a connection. On failure everything made
     * for it is gone again and the stage fails with a HearthException: FAILED_PRECONDITION {@code
     * container-exited}, {@code container-not-listening} or {@code container-not-startable} (with
     * its last log lines as details), UNAVAILABLE {@code platform-stopping}, INTERNAL {@code
     * start-failed}.
     */
    CompletionStage<StartedInstance> start(RevisionSpec revision);

    /**
     * SIGTERM, the grace period, SIGKILL; completes when nothing of the instance is left but its
     * log. Stopping one that is gone already is fine.
     */
    CompletionStage<Void> stop(InstanceId instance, StopReason reason);

    /**
     * Sets an instance's CPU quota; calls for one instance take effect in order. One that is gone
     * is passed over.
     *
     * @param idle whether this is the sliver of an instance without requests, for its state
     */
    void setCpu(InstanceId instance, Cpu quota, boolean idle);

    /**
     * No start of the revision will be asked for any more: what is kept ready for one is let go.
     * Returns at once.
     */
    void forget(RevisionName revision);

    /** All instances that are not stopped. */
    List<InstanceView> instances();

    /** Tells {@code listener} of every end of an instance from now on, whoever caused it. */
    void onExit(Consumer<InstanceExit> listener);

    /**
     * A service's log from a cursor on. Blocks on disk.
     *
     * @param cursor of the last page, or empty for the last {@code most} lines
     */
    LogPage logs(ServiceName service, String cursor, int most);
}
