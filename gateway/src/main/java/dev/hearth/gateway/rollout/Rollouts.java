package dev.hearth.gateway.rollout;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.GradualRollout;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TrafficTarget;
import dev.hearth.gateway.rollout.Judge.Move;
import dev.hearth.gateway.rollout.Judge.Observed;
import dev.hearth.gateway.route.Traffic;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Drives the gradual rollouts of the services that this gateway sees to: looks every second at what
 * the old and the new revision answered, and has the catalog take the next step, or the way back.
 *
 * <p>What was taken is in the database. What was seen is in memory: after a restart, or at another
 * gateway, the step that was taken last begins to be watched anew.
 */
public final class Rollouts implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Rollouts.class);
    private static final long LOOK_MILLIS = 1_000;

    /** Longer than a machine pauses at most times. */
    private static final int LOOKS_OF_A_TURN = 5;

    private final Traffic traffic;
    private final Mover catalog;
    private final Clock clock;
    private final Map<ServiceName, Watch> watches = new HashMap<>();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("rollouts").factory());

    /** As CatalogPort.move. */
    public interface Mover {
        CompletionStage<?> move(ServiceName service, GradualRollout seen, GradualRollout next);
    }

    public Rollouts(Traffic traffic, Mover catalog, Clock clock) {
        this.traffic = traffic;
        this.catalog = catalog;
        this.clock = clock;
    }

    /** What is seen of one step; the looks count into one of two pairs, by turns. */
    private static final class Watch {
        private final GradualRollout rollout;
        private final long sinceNanos;
        private final Pair one;
        private final Pair other;
        private int looks;
        private volatile boolean moving;

        private Watch(GradualRollout rollout, long sinceNanos, Pair one, Pair other) {
            this.rollout = rollout;
            this.sinceNanos = sinceNanos;
            this.one = one;
            this.other = other;
        }

        boolean isOf(GradualRollout now) {
            return rollout.equals(now);
        }

        Pair turn() {
            return looks++ / LOOKS_OF_A_TURN % 2 == 0 ? one : other;
        }

        Observed observed(long nowNanos) {
            return new Observed(one.counts(), other.counts(), nowNanos - sinceNanos);
        }
    }

    /** Where both revisions' outcomes are counted during the same time. */
    private record Pair(Outcomes old, Outcomes fresh) {
        Pair() {
            this(new Outcomes(), new Outcomes());
        }

        Judge.Both counts() {
            return new Judge.Both(old.counts(), fresh.counts());
        }
    }

    /** Looks from now on. */
    public void start() {
        thread.scheduleWithFixedDelay(
                this::lookSafely, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** A scheduled task that throws is never run again. */
    private void lookSafely() {
        try {
            look();
        } catch (RuntimeException e) {
            LOG.error("looking at the rollouts failed", e);
        }
    }

    /** One look. */
    void look() {
        Map<ServiceName, Route> routes = traffic.rolling();
        watches.entrySet()
                .removeIf(
                        watched -> {
                            ServiceName service = watched.getKey();
                            boolean over = !isDriven(service, routes.get(service));
                            if (over) {
                                leave(watched.getValue().rollout);
                            }
                            return over;
                        });
        routes.forEach(
                (service, route) -> {
                    if (isDriven(service, route)) {
                        look(service, route.rollout().orElseThrow());
                    }
                });
    }

    private boolean isDriven(ServiceName service, @Nullable Route route) {
        return route != null && route.rollout().isPresent() && traffic.isHome(service);
    }

    private void look(ServiceName service, GradualRollout rollout) {
        Watch watch = watches.compute(service, (name, before) -> watching(before, rollout));
        attach(rollout, watch.turn());
        if (watch.moving) {
            return;
        }
        Observed seen = watch.observed(clock.nanos());
        Instant now = clock.now().truncatedTo(ChronoUnit.MICROS);
        switch (Judge.decide(rollout, seen)) {
            case Move.Stay _ -> {}
            case Move.Forward _ -> move(service, watch, rollout, rollout.forward(now));
            case Move.Back back -> move(service, watch, rollout, rollout.back(back.why(), now));
        }
    }

    /** What was too little to compare is added to by the next step. */
    private Watch watching(@Nullable Watch before, GradualRollout rollout) {
        if (before != null && before.isOf(rollout)) {
            return before;
        }
        long now = clock.nanos();
        if (before != null
                && before.rollout.id().equals(rollout.id())
                && !before.observed(now).isEnough()) {
            return new Watch(rollout, now, before.one, before.other);
        }
        return new Watch(rollout, now, new Pair(), new Pair());
    }

    /** Pools come and go with the routes, so that they are told with every look. */
    private void attach(GradualRollout rollout, Pair counts) {
        count(rollout.to(), counts.fresh());
        for (TrafficTarget target : rollout.before()) {
            target.revision().ifPresent(revision -> count(revision, counts.old()));
        }
    }

    private void leave(GradualRollout rollout) {
        count(rollout.to(), null);
        for (TrafficTarget target : rollout.before()) {
            target.revision().ifPresent(revision -> count(revision, null));
        }
    }

    private void count(RevisionName revision, @Nullable Outcomes outcomes) {
        traffic.pool(revision).ifPresent(pool -> pool.watch(outcomes));
    }

    private void move(
            ServiceName service, Watch watch, GradualRollout rollout, GradualRollout next) {
        watch.moving = true;
        catalog.move(service, rollout, next)
                .whenComplete(
                        (moved, failure) -> {
                            watch.moving = false;
                            if (failure == null) {
                                told(service, next);
                            } else {
                                failed(service, HearthException.from(failure));
                            }
                        });
    }

    private static void told(ServiceName service, GradualRollout now) {
        switch (now.phase()) {
            case RUNNING ->
                    LOG.infof(
                            "%s gets %d %% of the requests of %s",
                            now.to(), now.percent(), service);
            case DONE -> LOG.infof("%s gets all requests of %s", now.to(), service);
            case STOPPED ->
                    LOG.warnf(
                            "%s gets no more requests of %s, which went back to the revision before:"
                                    + " %s",
                            now.to(), service, now.reason());
        }
    }

    /** It is tried again with the next look, unless the rollout has been moved by somebody else. */
    private static void failed(ServiceName service, HearthException why) {
        if (why.kind() != ErrorKind.CONFLICT && why.kind() != ErrorKind.NOT_FOUND) {
            LOG.warnf("the rollout of %s cannot be moved now: %s", service, why.sentence());
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
