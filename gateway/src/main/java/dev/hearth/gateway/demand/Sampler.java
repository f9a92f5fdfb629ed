package dev.hearth.gateway.demand;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.Topics;
import dev.hearth.gateway.pool.RevisionPool;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The gateway's heartbeat, on a thread of its own: ends waits whose time is up, and tells the
 * autoscaler what every revision's demand was. A revision without instances and without requests is
 * not spoken of; one that has instances always is, so that a decision comes even when all is
 * silent.
 */
public final class Sampler implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Sampler.class);
    private static final long TICK_MILLIS = 50;
    private static final int TICKS_PER_SAMPLE = 10;

    private final Supplier<Collection<RevisionPool>> pools;
    private final Consumer<DemandSample> sink;
    private final Clock clock;
    private final Map<RevisionPool, Boolean> spokeBefore = new HashMap<>();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("gateway-heartbeat").factory());
    private int ticks;

    /**
     * @param sink takes samples; must not block
     */
    public Sampler(
            Supplier<Collection<RevisionPool>> pools, Consumer<DemandSample> sink, Clock clock) {
        this.pools = pools;
        this.sink = sink;
        this.clock = clock;
    }

    public void start() {
        thread.scheduleAtFixedRate(this::safely, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** A scheduled task that throws is never run again; one bad tick must not end them all. */
    private void safely() {
        try {
            tick();
        } catch (RuntimeException e) {
            LOG.error("a heartbeat of the gateway failed", e);
        }
    }

    private void tick() {
        for (RevisionPool pool : pools.get()) {
            pool.tick();
        }
        if (++ticks % TICKS_PER_SAMPLE == 0) {
            spokeBefore.keySet().retainAll(pools.get());
            for (RevisionPool pool : pools.get()) {
                sample(pool);
            }
        }
    }

    private void sample(RevisionPool pool) {
        DemandMeter.Tick tick = pool.demand().tick();
        boolean alive = pool.ready() > 0 || pool.starting() > 0 || tick.concurrency() > 0;
        boolean spoke = Boolean.TRUE.equals(spokeBefore.put(pool, alive));
        if (alive || spoke) {
            sink.accept(
                    new DemandSample(
                            Topics.SCHEMA,
                            pool.revision().name().value(),
                            clock.now().toEpochMilli(),
                            tick.spanNanos() / 1_000_000,
                            tick.concurrency(),
                            pool.queued(),
                            pool.ready(),
                            pool.starting(),
                            DemandSample.Bounds.of(pool.revision())));
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
