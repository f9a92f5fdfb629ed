package dev.hearth.gateway.demand;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.Topics;
import dev.hearth.gateway.pool.RevisionPool;
import java.time.Duration;
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
 * autoscaler what every revision's demand was; of those only that are awake, since a platform has
 * many thousands that are not. A revision without instances and without requests is not spoken of;
 * one that has instances is, now and then even when nothing changes, so that a decision comes when
 * all is silent.
 */
public final class Sampler implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Sampler.class);
    private static final long TICK_MILLIS = 50;
    private static final int TICKS_PER_SAMPLE = 10;
    private static final long QUIET_NANOS = 3_000_000_000L;
    private static final long LONGEST_PAUSE_NANOS = 5_000_000_000L;
    private static final long LEARNED_PAUSE_NANOS = 1_000_000_000L;

    private final Supplier<Collection<RevisionPool>> awake;
    private final Consumer<DemandSample> sink;
    private final Clock clock;
    private final Map<RevisionPool, Told> told = new HashMap<>();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("gateway-heartbeat").factory());
    private int ticks;
    private long lookedNanos;

    /**
     * @param awake those that time can change something in; see {@link RevisionPool#rest}
     * @param sink takes samples; must not block
     */
    public Sampler(
            Supplier<Collection<RevisionPool>> awake, Consumer<DemandSample> sink, Clock clock) {
        this.awake = awake;
        this.sink = sink;
        this.clock = clock;
        this.lookedNanos = clock.nanos();
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

    /** What is due every {@link #TICK_MILLIS}. */
    void tick() {
        for (RevisionPool pool : awake.get()) {
            pool.tick();
        }
        if (++ticks % TICKS_PER_SAMPLE == 0) {
            told.keySet().retainAll(awake.get());
            long now = clock.nanos();
            for (RevisionPool pool : awake.get()) {
                if (!pool.isClosed()) {
                    sample(pool, now);
                }
            }
            lookedNanos = now;
        }
    }

    /**
     * What the autoscaler was last told of a revision.
     *
     * @param quietNanos how long it had no demand by then
     * @param alive whether it had instances or demand
     */
    private record Told(long atNanos, long quietNanos, int ready, int starting, boolean alive) {
        static final Told NOTHING = new Told(0, 0, 0, 0, false);
    }

    private void sample(RevisionPool pool, long now) {
        Told before = told.getOrDefault(pool, Told.NOTHING);
        int ready = pool.ready();
        int starting = pool.starting();
        boolean silent = pool.demand().isSilentSinceTick();
        boolean same = silent && ready == before.ready && starting == before.starting;
        if (same && !before.alive) {
            pool.rest();
            return;
        }
        if (same && now - before.atNanos < pause(pool, before.quietNanos)) {
            return; // the next sample spans this time too
        }
        DemandMeter.Tick tick = pool.demand().tick();
        if (!before.alive) {
            tick = tick.last(now - lookedNanos); // it was at rest when we looked last
        }
        boolean alive = ready > 0 || starting > 0 || tick.concurrency() > 0;
        long quiet = silent ? before.quietNanos + tick.spanNanos() : 0;
        told.put(pool, new Told(now, quiet, ready, starting, alive));
        if (alive || before.alive) {
            sink.accept(
                    new DemandSample(
                            Topics.SCHEMA,
                            pool.revision().name().value(),
                            clock.now().toEpochMilli(),
                            Math.max(1, tick.spanNanos() / 1_000_000),
                            tick.concurrency(),
                            pool.queued(),
                            ready,
                            starting,
                            tick.arrivals(),
                            tick.completions(),
                            pool.newestStartNanos() / 1e6,
                            DemandSample.Bounds.of(pool.revision(), pool.scaling())));
        }
    }

    /**
     * How long an unchanged revision need not be spoken of: not at all in its first quiet seconds,
     * in which its instances' quota is cut, and then so that its idle time ends at most a tenth too
     * late.
     */
    private static long pause(RevisionPool pool, long quietNanos) {
        if (quietNanos < QUIET_NANOS) {
            return 0;
        }
        Duration idle = pool.revision().scaling().idle();
        return idle.equals(Scaling.LEARNED)
                ? LEARNED_PAUSE_NANOS
                : Math.min(idle.toNanos() / 10, LONGEST_PAUSE_NANOS);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
