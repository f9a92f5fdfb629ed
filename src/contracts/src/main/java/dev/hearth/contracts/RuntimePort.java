package dev.hearth.contracts;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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
     * The same, for a revision with secrets.
     *
     * @param secrets their values, one for each; they go nowhere but into the instance
     */
    default CompletionStage<StartedInstance> start(RevisionSpec revision, SecretValues secrets) {
        return secrets.isEmpty()
                ? start(revision)
                : CompletableFuture.failedFuture(
                        new HearthException(
                                ErrorKind.INTERNAL,
                                "secrets-unsupported",
                                "this runtime gives no secrets to instances"));
    }

    /**
     * SIGTERM, the grace period, SIGKILL, a frozen one thawed first; completes when nothing of the
     * instance is left but its log. Stopping one that is gone already is fine.
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
     * Lets all processes of an instance without requests stand where they are, until {@link #thaw};
     * calls of the two for one instance take effect in order, and what is so already is not done
     * again. One that cannot be frozen runs on, and one that is gone is passed over. Returns at
     * once.
     *
     * @param warmth FROZEN or PAGED; without swap PAGED is no more than FROZEN
     */
    void freeze(InstanceId instance, Warmth warmth);

    /**
     * Completes when a frozen instance's processes go on, which takes far less than a millisecond.
     * One that was not frozen, or that is gone, is fine. Fails with a HearthException INTERNAL
     * {@code thaw-failed}.
     */
    CompletionStage<Void> thaw(InstanceId instance);

    /**
     * No start of the revision will be asked for any more: what is kept ready for one is let go.
     * Returns at once.
     */
    void forget(RevisionName revision);

    /** All instances that are not stopped. */
    List<InstanceView> instances();

    /**
     * Instances that an earlier run of this gateway has left to it; as far as they are known when
     * this one starts.
     */
    default List<Left> left() {
        return instances().stream()
                .map(
                        i ->
                                new Left(
                                        StartedInstance.of(i),
                                        i.state().equals("frozen") || i.state().equals("paged")))
                .toList();
    }

    /**
     * An instance to take over.
     *
     * @param frozen whether it is, or may be, so that it has to be thawed
     * @param paidAhead how much of its time to come whoever had it has put on the bill
     */
    record Left(StartedInstance instance, boolean frozen, Duration paidAhead) {
        /** One of whose time to come nothing is paid for. */
        public Left(StartedInstance instance, boolean frozen) {
            this(instance, frozen, Duration.ZERO);
        }
    }

    /**
     * Tells {@code listener} of every instance that becomes this gateway's from now on although it
     * did not ask for it, because another gateway has let go of it. On one machine there is none.
     */
    default void onArrival(Consumer<Left> listener) {}

    /**
     * Tells {@code listener} of every instance of this gateway's whose node is about to stop, so
     * that another takes its place before. On one machine there is none.
     */
    default void onLeaving(Consumer<InstanceId> listener) {}

    /**
     * Lets go of an instance that takes no requests of this gateway's any more, for the one that
     * its service's requests go to now. On one machine nobody asks for that.
     *
     * @param paidAhead how much of its time to come is on the bill
     */
    default CompletionStage<Void> handOver(InstanceId instance, Duration paidAhead) {
        return stop(instance, StopReason.MOVED);
    }

    /** Tells {@code listener} of every end of an instance from now on, whoever caused it. */
    void onExit(Consumer<InstanceExit> listener);

    /**
     * Tells {@code listener}, from now on, of each idle instance that its node would have stopped
     * because its memory is short. Whoever listens lets no request into it any more and stops it as
     * EVICTED, or leaves it alone: it may be about to be used, or be one of a minimum. The same one
     * may be told of again.
     */
    void onShortage(Consumer<InstanceId> listener);

    /**
     * A service's log from a cursor on. Blocks on disk.
     *
     * @param cursor of the last page, or empty for the last {@code most} lines
     */
    LogPage logs(ServiceName service, String cursor, int most);
}
