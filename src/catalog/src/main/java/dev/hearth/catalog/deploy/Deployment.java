package dev.hearth.catalog.deploy;

import dev.hearth.catalog.announce.Announcer;
import dev.hearth.catalog.announce.Reconciler;
import dev.hearth.catalog.announce.Turns;
import dev.hearth.catalog.store.CatalogStore;
import dev.hearth.contracts.Budget;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.GradualRollout;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ImagePort;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RolloutPlan;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceChange;
import dev.hearth.contracts.ServiceCondition;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TrafficPort;
import dev.hearth.contracts.TrafficTarget;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** The flows that change what is deployed. */
public final class Deployment {
    private static final Logger LOG = Logger.getLogger(Deployment.class);

    /** The longest start-up a container may take (240 s), and time to clear up after it. */
    static final Duration PROOF_DEADLINE = Duration.ofSeconds(270);

    private final CatalogStore store;
    private final ImagePort images;
    private final TrafficPort traffic;
    private final Announcer announcer;
    private final Reconciler reconciler;
    private final Turns turns;
    private final Drafting drafting;
    private final Executor blocking;
    private final Clock clock;

    /**
     * @param blocking runs what blocks: the calls to {@code images}
     */
    public Deployment(
            CatalogStore store,
            ImagePort images,
            TrafficPort traffic,
            Announcer announcer,
            Reconciler reconciler,
            Turns turns,
            Drafting drafting,
            Executor blocking,
            Clock clock) {
        this.store = store;
        this.images = images;
        this.traffic = traffic;
        this.announcer = announcer;
        this.reconciler = reconciler;
        this.turns = turns;
        this.drafting = drafting;
        this.blocking = blocking;
        this.clock = clock;
    }

    /** The same, for changes by somebody: the audit log has their name. */
    public Deployment as(Caller caller) {
        return new Deployment(
                store.as(caller),
                images,
                traffic,
                announcer,
                reconciler,
                turns,
                drafting,
                blocking,
                clock);
    }

    /**
     * Deploys: requests see the new revision when this completes; when it fails, nothing of the
     * revision is left and the old one goes on serving.
     */
    public Uni<Service> deploy(DeployRequest request) {
        return turns.exclusively(
                request.service(),
                () ->
                        draft(request)
                                .call(this::prefetch)
                                .call(this::prove)
                                .chain(
                                        draft ->
                                                storeOrDiscard(draft)
                                                        .invoke(this::announce)
                                                        .call(s -> discardUnrouted(draft, s))));
    }

    /** What proved a revision that nobody can reach is of no more use. */
    private Uni<Void> discardUnrouted(Draft draft, Service service) {
        boolean routed =
                service.route().shares().stream()
                        .anyMatch(share -> share.revision().equals(draft.revision()));
        return routed ? Uni.createFrom().voidItem() : discard(draft);
    }

    /**
     * Sends requests elsewhere: they go there when this completes.
     *
     * @param change gets the service as it is
     */
    public Uni<Service> traffic(
            ServiceName service, Function<Service, List<TrafficTarget>> change) {
        return changed(service, () -> store.traffic(service, change, now()));
    }

    /**
     * Begins to send requests to a revision, step by step: the first is taken when this completes.
     */
    public Uni<Service> rollOut(ServiceName service, Optional<RevisionName> to, RolloutPlan plan) {
        return changed(service, () -> store.rollOut(service, to, plan, now()));
    }

    /**
     * Takes a rollout to its next state: requests go accordingly when this completes. The way back
     * waits for nobody: not for a deploy that goes on meanwhile either.
     */
    public Uni<Service> move(ServiceName service, GradualRollout seen, GradualRollout next) {
        Supplier<Uni<Service>> move = () -> store.move(service, seen, next, now());
        return next.phase() == GradualRollout.Phase.STOPPED
                ? move.get()
                        .onFailure(Deployment::isUnsure)
                        .invoke(() -> reconciler.check(service))
                        .chain(stored -> announceBetween(service, stored))
                : changed(service, move);
    }

    /** The deploy may announce what it read before this was stored; so it is checked afterwards. */
    private Uni<Service> announceBetween(ServiceName service, Service stored) {
        long seen = announcer.changes(service);
        return store.service(service)
                .invoke(now -> announcer.unlessChanged(service, seen, () -> announce(now)))
                .onTermination()
                .invoke(() -> reconciler.check(service))
                .replaceWith(stored);
    }

    /** Changes a service without a new revision: requests are served so when this completes. */
    public Uni<Service> change(ServiceName service, ServiceChange change) {
        return changed(service, () -> store.change(service, change, now()));
    }

    /** Holds a service against another budget: from when this completes. */
    public Uni<Service> budget(ServiceName service, Budget budget) {
        return changed(service, () -> store.budget(service, budget, now()));
    }

    private Uni<Service> changed(ServiceName service, Supplier<Uni<Service>> change) {
        return turns.exclusively(
                service,
                () ->
                        change.get()
                                .onFailure(Deployment::isUnsure)
                                .invoke(() -> reconciler.check(service))
                                .invoke(this::announce));
    }

    /** As exact as PostgreSQL keeps it. */
    private Instant now() {
        return clock.now().truncatedTo(ChronoUnit.MICROS);
    }

    /** Whether it may have been done all the same. */
    private static boolean isUnsure(Throwable failure) {
        return !HearthException.from(failure).kind().isCallersFault();
    }

    private void announce(Service service) {
        announcer.routes(service.name(), service.route());
    }

    /** Deletes: requests no longer find the service when this completes. */
    public Uni<Void> delete(ServiceName service, ServiceCondition condition) {
        return turns.exclusively(
                service,
                () ->
                        store.delete(service, condition)
                                .onFailure()
                                .invoke(() -> reconciler.check(service))
                                .invoke(() -> announcer.gone(service)));
    }

    /**
     * Asks the registry and the database at once. When the database is away this fails without
     * waiting for the registry, and never after minutes of pulling.
     */
    private Uni<Draft> draft(DeployRequest request) {
        Uni<ResolvedImage> image =
                Uni.createFrom()
                        .item(() -> images.resolve(request.service().project(), request.image()))
                        .runSubscriptionOn(blocking);
        return Uni.combine()
                .all()
                .unis(store.reserveNumber(request.service(), request.rollout()), image)
                .with((number, resolved) -> drafting.draft(request, number, resolved));
    }

    private Uni<ResolvedImage> prefetch(Draft draft) {
        return Uni.createFrom()
                .item(
                        () -> {
                            images.prefetch(draft.image());
                            return draft.image();
                        })
                .runSubscriptionOn(blocking);
    }

    private Uni<Void> prove(Draft draft) {
        return Uni.createFrom()
                .completionStage(() -> traffic.prove(draft.revision()))
                .ifNoItem()
                .after(PROOF_DEADLINE)
                .recoverWithUni(
                        () -> discard(draft).chain(() -> Uni.createFrom().failure(late(draft))));
    }

    private Uni<Service> storeOrDiscard(Draft draft) {
        return store.store(draft.revision(), draft.number(), draft.rollout())
                .onFailure()
                .call(() -> discard(draft))
                .onFailure()
                .invoke(() -> reconciler.check(draft.revision().service()));
    }

    private Uni<Void> discard(Draft draft) {
        return Uni.createFrom()
                .completionStage(() -> traffic.discard(draft.revision().name()))
                .onFailure()
                .invoke(
                        failure ->
                                LOG.errorf(
                                        failure,
                                        "the instance that proved %s could not be discarded",
                                        draft.revision().name()))
                .onFailure()
                .recoverWithNull();
    }

    private static HearthException late(Draft draft) {
        return new HearthException(
                ErrorKind.DEADLINE,
                "container-not-listening",
                "revision "
                        + draft.revision().name()
                        + " did not become ready within "
                        + PROOF_DEADLINE.toSeconds()
                        + " s; look at its log with `hearth logs` and deploy again");
    }
}
