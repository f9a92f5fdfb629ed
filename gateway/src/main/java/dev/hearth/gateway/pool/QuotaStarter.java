package dev.hearth.gateway.pool;

import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.StartedInstance;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Starts no instance beyond its project's quota; see {@link QuotaGate}. Without a quota nothing is
 * asked and nothing waits.
 */
public final class QuotaStarter implements Starter {
    private final Starter next;
    private final QuotaGate gate;
    private final Executor blocking;

    /**
     * @param next starts what may be started
     * @param blocking runs what lists the instances
     */
    public QuotaStarter(Starter next, QuotaGate gate, Executor blocking) {
        this.next = next;
        this.gate = gate;
        this.blocking = blocking;
    }

    @Override
    public CompletionStage<StartedInstance> start(RevisionSpec revision) {
        if (!gate.limits(revision.service().project())) {
            return next.start(revision);
        }
        return CompletableFuture.supplyAsync(() -> gate.enter(revision), blocking)
                .thenCompose(place -> start(revision, place));
    }

    private CompletionStage<StartedInstance> start(RevisionSpec revision, QuotaGate.Place place) {
        CompletionStage<StartedInstance> start;
        try {
            start = next.start(revision);
        } catch (RuntimeException e) {
            place.close();
            throw e;
        }
        return start.whenComplete((started, failure) -> place.close());
    }
}
