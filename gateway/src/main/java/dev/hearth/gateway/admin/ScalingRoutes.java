package dev.hearth.gateway.admin;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.AdminApi.ExplainBody;
import dev.hearth.contracts.AdminApi.WhatIfBody;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Prices;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.ScalingChange;
import dev.hearth.contracts.ScalingPort;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.access.Access;
import dev.hearth.gateway.project.Labels;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Why there were so many instances, and how many there would have been. */
final class ScalingRoutes {
    private static final Duration WHAT_IF_BEFORE = Duration.ofHours(1);

    private final CatalogPort catalog;
    private final ScalingPort scaling;
    private final Clock clock;
    private final Executor blocking;
    private final Prices prices;

    /**
     * @param blocking runs what reads the log of decisions
     */
    ScalingRoutes(
            CatalogPort catalog,
            ScalingPort scaling,
            Clock clock,
            Executor blocking,
            Prices prices) {
        this.prices = prices;
        this.catalog = catalog;
        this.scaling = scaling;
        this.clock = clock;
        this.blocking = blocking;
    }

    void register(Router router) {
        String service = AdminApi.BASE + "/services/:name";
        router.get(service + "/explain").handler(c -> Replies.reply(c, () -> explain(c)));
        router.get(service + "/what-if").handler(c -> Replies.reply(c, () -> whatIf(c)));
    }

    private CompletionStage<ExplainBody> explain(RoutingContext c) {
        Instant at = Times.of(c, "at", clock.now());
        return service(c)
                .thenApplyAsync(s -> body(s, at, scaling.explain(names(c, s), at)), blocking);
    }

    private CompletionStage<WhatIfBody> whatIf(RoutingContext c) {
        Instant to = Times.of(c, "to", clock.now());
        Instant from = Times.of(c, "from", to.minus(WHAT_IF_BEFORE));
        ScalingChange change = ScalingChange.parse(c.request().getParam("change", ""));
        if (from.isAfter(to)) {
            throw HearthException.invalid("invalid-time", "from " + from + " is after to " + to);
        }
        return service(c)
                .thenApplyAsync(
                        s -> {
                            ScalingPort.Comparison both =
                                    scaling.whatIf(names(c, s), change, from, to);
                            return new WhatIfBody(
                                    s.name().value(),
                                    from.toString(),
                                    to.toString(),
                                    both.samples(),
                                    replayed(both.was()),
                                    replayed(both.wouldBe()));
                        },
                        blocking);
    }

    private CompletionStage<Service> service(RoutingContext c) {
        return catalog.as(Access.caller(c)).service(new ServiceName(c.pathParam("name")));
    }

    /** As the platform calls them. */
    private static List<RevisionName> names(RoutingContext c, Service service) {
        Labels labels = new Labels(Access.caller(c).project());
        return service.revisions().stream().map(RevisionSpec::name).map(labels::revision).toList();
    }

    private static ExplainBody body(Service service, Instant at, ScalingPort.Explanation e) {
        Decision decision = e.decision();
        DemandSample demand = e.demand();
        return new ExplainBody(
                service.name().value(),
                new RevisionName(decision.revision()).label(),
                at.toString(),
                Instant.ofEpochMilli(decision.atMillis()).toString(),
                decision.instances(),
                demand.instances(),
                demand.starting(),
                demand.queued(),
                demand.concurrency(),
                demand.arrivals() * 1000.0 / demand.spanMillis(),
                demand.meanServiceMillis(),
                new Cpu(decision.cpuMillis()).toString(),
                new Cpu(decision.idleCpuMillis()).toString(),
                decision.warmth().name().toLowerCase(Locale.ROOT),
                demand.bounds().rules(),
                decision.why(),
                e.changes().stream().map(ScalingRoutes::change).toList());
    }

    private static ExplainBody.Change change(Decision d) {
        return new ExplainBody.Change(
                Instant.ofEpochMilli(d.atMillis()).toString(),
                new RevisionName(d.revision()).label(),
                d.instances(),
                new Cpu(d.cpuMillis()).toString(),
                d.why());
    }

    private WhatIfBody.Replayed replayed(ScalingPort.Outcome o) {
        return new WhatIfBody.Replayed(
                o.coldStarts(),
                o.starts(),
                o.most(),
                o.instanceSeconds(),
                o.busySeconds(),
                prices.cost(o.vcpuSeconds(), o.gibSeconds(), o.requests(), 0));
    }
}
