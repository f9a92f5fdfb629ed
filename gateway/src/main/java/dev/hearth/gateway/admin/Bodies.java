package dev.hearth.gateway.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.AdminApi.Deploy;
import dev.hearth.contracts.AdminApi.InstanceBody;
import dev.hearth.contracts.AdminApi.RevisionBody;
import dev.hearth.contracts.AdminApi.RolloutBody;
import dev.hearth.contracts.AdminApi.ServiceBody;
import dev.hearth.contracts.AdminApi.TrafficBody;
import dev.hearth.contracts.Billing;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.DomainName;
import dev.hearth.contracts.Durations;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.GradualRollout;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.Probe;
import dev.hearth.contracts.Probes;
import dev.hearth.contracts.RateLimit;
import dev.hearth.contracts.RequestPolicy;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RolloutPlan;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ScalingRules;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TrafficChange;
import dev.hearth.contracts.TrafficTarget;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Turns the API's bodies into values, with the documented defaults, and values into bodies. */
final class Bodies {
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private final PublicAddress address;

    /**
     * @param address of the services' URLs
     */
    Bodies(PublicAddress address) {
        this.address = address;
    }

    static DeployRequest request(Deploy body) {
        return new DeployRequest(
                new ServiceName(required(body.name(), "name")),
                required(body.image(), "image"),
                new ContainerSpec(
                        or(body.command(), List.of()),
                        or(body.args(), List.of()),
                        or(body.env(), Map.of()),
                        or(body.port(), 8080),
                        or(body.http2(), false),
                        or(body.secrets(), List.<String>of()).stream()
                                .map(SecretMount::parse)
                                .toList(),
                        Probes.parse(or(body.startupProbe(), ""), or(body.livenessProbe(), ""))),
                new Resources(
                        Cpu.parse(or(body.cpu(), "1")),
                        Cpu.parse(or(body.cpuLimit(), or(body.cpu(), "1"))),
                        DataSize.parse(or(body.memory(), "512Mi")),
                        Billing.parse(or(body.billing(), "request"))),
                new Scaling(
                        or(body.concurrency(), 80),
                        or(body.min(), 0),
                        or(body.max(), 100),
                        Scaling.parseIdle(or(body.idle(), "60s")),
                        ScalingRules.parse(or(body.scaling(), "default"))),
                body.egress() == null ? Egress.DEFAULT : Egress.parse(body.egress()),
                new RequestPolicy(
                        Durations.parse(or(body.timeout(), "300s")),
                        or(body.sessionAffinity(), false),
                        RateLimit.parse(or(body.rateLimit(), "none")),
                        RateLimit.parse(or(body.clientRateLimit(), "none"))),
                new DeployRequest.Rollout(
                                or(body.traffic(), true),
                                or(body.tag(), ""),
                                or(body.revisionSuffix(), ""),
                                Optional.ofNullable(body.invokers()).map(Invokers::parse))
                        .gradually(plan(body.gradual(), body.steps())));
    }

    /** How requests are to move; empty for at once. */
    static Optional<RolloutPlan> plan(@Nullable String gradual, @Nullable String steps) {
        if (gradual == null && steps != null) {
            throw HearthException.invalid(
                    "invalid-rollout",
                    "steps are those of a gradual rollout; say how long it takes, too");
        }
        return Optional.ofNullable(gradual).map(time -> RolloutPlan.parse(time, or(steps, "")));
    }

    /** The one revision that requests move to; empty for the latest. */
    static Optional<RevisionName> only(AdminApi.Traffic body) {
        List<String> to = or(body.to(), List.<String>of());
        boolean tags =
                !or(body.tag(), Map.of()).isEmpty() || !or(body.untag(), List.of()).isEmpty();
        if (to.size() != 1 || tags) {
            throw HearthException.invalid(
                    "invalid-rollout",
                    "requests move gradually to one revision, and tags do not change with it; say"
                            + " --to REVISION --gradual TIME");
        }
        return TrafficTarget.named(to.getFirst().replaceFirst("=100%?$", ""));
    }

    static TrafficChange change(AdminApi.Traffic body) {
        Map<String, Optional<RevisionName>> tags = new HashMap<>();
        or(body.tag(), Map.<String, String>of())
                .forEach((tag, revision) -> tags.put(tag, TrafficTarget.named(revision)));
        return new TrafficChange(
                or(body.to(), List.<String>of()).stream().map(TrafficTarget::parse).toList(),
                Set.copyOf(or(body.untag(), List.of())),
                tags);
    }

    /** The body of a call. */
    static <T> T parse(RoutingContext c, String what, Class<T> type) {
        try {
            String text = c.body().buffer() == null ? "" : c.body().asString();
            @Nullable T body = JSON.readValue(text, type);
            if (body != null) {
                return body;
            }
        } catch (UnrecognizedPropertyException e) {
            throw HearthException.invalid(
                    "unknown-field", "the field \"" + e.getPropertyName() + "\" is not known");
        } catch (JsonProcessingException e) {
            throw HearthException.invalid(
                    "invalid-json",
                    "the body is not the JSON of a " + what + ": " + e.getOriginalMessage());
        }
        throw HearthException.invalid("invalid-json", "the body is null");
    }

    private static <T> T or(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }

    /** JSON may leave out what the record's type says is there. */
    static String required(@Nullable String value, String field) {
        if (value == null) {
            throw HearthException.invalid(
                    "missing-field", "the field \"" + field + "\" is missing");
        }
        return value;
    }

    ServiceBody service(Service s, int instances) {
        return new ServiceBody(
                s.name().value(),
                address.url(s.name()),
                s.serving().name().value(),
                s.latest().name().value(),
                s.invokers().word(),
                s.budget().toString(),
                instances,
                s.traffic().stream().map(t -> target(s, t)).toList(),
                s.rollout().map(Bodies::rollout).orElse(null),
                s.domains().stream().map(DomainName::value).toList(),
                s.createdAt().toString(),
                s.updatedAt().toString(),
                s.revisions().stream().map(Bodies::revision).toList());
    }

    private TrafficBody target(Service s, TrafficTarget t) {
        String tag = t.tag();
        return new TrafficBody(
                t.revision().orElse(s.latest().name()).value(),
                t.revision().isEmpty(),
                t.percent(),
                tag.isEmpty() ? null : tag,
                tag.isEmpty() ? null : address.url(tag, s.name()));
    }

    private static RolloutBody rollout(GradualRollout r) {
        return new RolloutBody(
                r.to().value(),
                r.phase().name().toLowerCase(Locale.ROOT),
                r.percent(),
                r.plan().steps(),
                Durations.format(r.plan().duration()),
                r.reason().isEmpty() ? null : r.reason(),
                r.begunAt().toString(),
                r.movedAt().toString());
    }

    private static RevisionBody revision(RevisionSpec r) {
        return new RevisionBody(
                r.name().value(),
                r.image(),
                r.digest().value(),
                r.container().command(),
                r.container().args(),
                r.container().env(),
                r.container().port(),
                r.container().http2(),
                r.resources().cpu().toString(),
                r.resources().memory().toString(),
                r.scaling().concurrency(),
                r.scaling().minInstances(),
                r.scaling().maxInstances(),
                Scaling.formatIdle(r.scaling().idle()),
                Durations.format(r.timeout()),
                r.egress().toString(),
                r.requests().sessionAffinity(),
                r.requests().serviceLimit().toString(),
                r.requests().clientLimit().toString(),
                r.resources().cpuLimit().toString(),
                r.scaling().rules().toString(),
                r.container().secrets().stream().map(SecretMount::toString).toList(),
                r.resources().billing().word(),
                r.container().probes().startup().map(Probe::toString).orElse(null),
                r.container().probes().liveness().map(Probe::toString).orElse(null),
                r.createdAt().toString());
    }

    static InstanceBody instance(InstanceView v, int inFlight) {
        return new InstanceBody(
                v.id().value(),
                v.service().label(),
                v.revision().label(),
                v.state(),
                v.host() + ":" + v.port(),
                v.pid(),
                v.startedAt().toString(),
                v.cpuMillis() == 0 ? "unlimited" : new Cpu(v.cpuMillis()).toString(),
                new DataSize(v.memoryBytes() & ~1023L).toString(),
                inFlight,
                v.node());
    }
}
