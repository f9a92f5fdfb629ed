package dev.hearth.gateway.cloudrun;

import dev.hearth.contracts.Budget;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.DomainMapping;
import dev.hearth.contracts.DomainName;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.GradualRollout;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceBounds;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.Metadata;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RolloutPlan;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceChange;
import dev.hearth.contracts.ServiceCondition;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.ServicePage;
import dev.hearth.contracts.ServiceVersion;
import dev.hearth.contracts.TrafficChange;
import dev.hearth.contracts.TrafficTarget;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What is deployed, in memory: at once, or as a test says. A second passes with each change. */
final class MemoryCatalog implements CatalogPort {
    final List<DeployRequest> deployed = new ArrayList<>();

    /** Names of those who asked. */
    final Set<String> callers = ConcurrentHashMap.newKeySet();

    /** What a deploy waits for, and fails with. */
    CompletableFuture<Void> before = CompletableFuture.completedFuture(null);

    private final Map<ServiceName, Service> services = new LinkedHashMap<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00.123456Z");
    private int made;

    private static <T> CompletionStage<T> stage(Supplier<T> work) {
        try {
            return CompletableFuture.completedFuture(work.get());
        } catch (HearthException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private synchronized Service found(ServiceName name) {
        Service service = services.get(name);
        if (service == null) {
            throw new HearthException(
                    ErrorKind.NOT_FOUND,
                    "service-not-found",
                    "there is no service \"" + name + "\"");
        }
        return service;
    }

    private Optional<Service> maybe(ServiceName name) {
        return Optional.ofNullable(services.get(name));
    }

    @Override
    public CatalogPort as(Caller caller) {
        callers.add(caller.name());
        return this;
    }

    @Override
    public CompletionStage<Service> deploy(DeployRequest request) {
        return before.thenApply(ready -> store(request));
    }

    private synchronized Service store(DeployRequest request) {
        Optional<Service> there = maybe(request.service());
        ServiceChange change = request.rollout().change();
        change.condition().check(request.service(), there.map(Service::version));
        deployed.add(request);
        now = now.plusSeconds(1);
        String suffix = request.rollout().suffix();
        RevisionSpec revision =
                new RevisionSpec(
                        suffix.isEmpty()
                                ? RevisionName.of(request.service(), deployed.size(), "abc")
                                : new RevisionName(request.service() + "-" + suffix),
                        request.service(),
                        request.image(),
                        Digest.sha256("0".repeat(64)),
                        request.container(),
                        request.resources(),
                        request.scaling(),
                        request.egress(),
                        request.requests(),
                        request.metadata(),
                        now);
        List<RevisionSpec> revisions = new ArrayList<>(List.of(revision));
        there.ifPresent(s -> revisions.addAll(s.revisions()));
        Service before =
                there.orElseGet(
                        () ->
                                new Service(
                                        request.service(),
                                        new ServiceVersion(new UUID(++made << 32, made), 0),
                                        Metadata.NONE,
                                        revision,
                                        Invokers.ANYONE,
                                        InstanceBounds.NONE,
                                        Budget.NONE,
                                        TrafficTarget.ALL_TO_LATEST,
                                        revisions,
                                        now,
                                        now));
        return put(before, revision, revisions, change);
    }

    private Service put(
            Service s, RevisionSpec latest, List<RevisionSpec> revisions, ServiceChange change) {
        long generation = s.version().generation() + (change.isOfInvokersOnly() ? 0 : 1);
        Service after =
                new Service(
                        s.name(),
                        new ServiceVersion(s.version().uid(), generation),
                        change.metadata().orElse(s.metadata()),
                        latest,
                        change.invokers().orElse(s.invokers()),
                        change.bounds().orElse(s.bounds()),
                        s.budget(),
                        change.traffic().isEmpty() ? s.traffic() : change.traffic(),
                        revisions,
                        s.createdAt(),
                        now);
        services.put(s.name(), after);
        return after;
    }

    @Override
    public CompletionStage<Service> change(ServiceName name, ServiceChange change) {
        return stage(
                () -> {
                    Service there = found(name);
                    change.condition().check(name, Optional.of(there.version()));
                    change.traffic().stream()
                            .flatMap(t -> t.revision().stream())
                            .filter(r -> there.revision(r).isEmpty())
                            .forEach(
                                    r -> {
                                        throw new HearthException(
                                                ErrorKind.NOT_FOUND,
                                                "revision-not-found",
                                                "no revision " + r);
                                    });
                    now = now.plusSeconds(1);
                    return put(there, there.latest(), there.revisions(), change);
                });
    }

    @Override
    public CompletionStage<Map<ServiceName, ServiceVersion>> versions() {
        return stage(
                () ->
                        services.values().stream()
                                .collect(Collectors.toMap(Service::name, Service::version)));
    }

    @Override
    public CompletionStage<List<Service>> services() {
        return stage(() -> List.copyOf(services.values()));
    }

    @Override
    public CompletionStage<ServicePage> services(Optional<ServicePage.Cursor> after, int most) {
        return stage(
                () -> {
                    List<Service> newest =
                            services.values().stream()
                                    .sorted(Comparator.comparing(Service::createdAt).reversed())
                                    .filter(
                                            s ->
                                                    after.isEmpty()
                                                            || s.createdAt()
                                                                    .isBefore(
                                                                            after.get()
                                                                                    .createdAt()))
                                    .toList();
                    List<Service> page = newest.subList(0, Math.min(most, newest.size()));
                    return new ServicePage(
                            page,
                            page.size() == newest.size()
                                    ? Optional.empty()
                                    : Optional.of(
                                            new ServicePage.Cursor(
                                                    page.getLast().createdAt(),
                                                    page.getLast().name().value())));
                });
    }

    @Override
    public CompletionStage<Service> service(ServiceName name) {
        return stage(() -> found(name));
    }

    @Override
    public CompletionStage<Service> traffic(ServiceName name, TrafficChange change) {
        throw new UnsupportedOperationException("change does it");
    }

    @Override
    public CompletionStage<Service> rollOut(
            ServiceName name, Optional<RevisionName> to, RolloutPlan plan) {
        throw new UnsupportedOperationException("Cloud Run has none");
    }

    @Override
    public CompletionStage<Service> move(
            ServiceName name, GradualRollout seen, GradualRollout next) {
        throw new UnsupportedOperationException("Cloud Run has none");
    }

    @Override
    public CompletionStage<List<DomainMapping>> domains() {
        throw new UnsupportedOperationException("v2 has none");
    }

    @Override
    public CompletionStage<DomainMapping> addDomain(DomainName domain, ServiceName service) {
        throw new UnsupportedOperationException("v2 has none");
    }

    @Override
    public CompletionStage<Void> removeDomain(DomainName domain) {
        throw new UnsupportedOperationException("v2 has none");
    }

    @Override
    public CompletionStage<Service> budget(ServiceName name, Budget budget) {
        throw new UnsupportedOperationException("Cloud Run has none");
    }

    @Override
    public CompletionStage<Service> rollback(ServiceName name) {
        throw new UnsupportedOperationException("Cloud Run has none");
    }

    @Override
    public CompletionStage<Void> delete(ServiceName name, RevisionName revision) {
        return stage(
                () -> {
                    Service there = found(name);
                    if (there.latest().name().equals(revision)) {
                        throw new HearthException(
                                ErrorKind.FAILED_PRECONDITION, "revision-in-use", "it is in use");
                    }
                    List<RevisionSpec> left =
                            there.revisions().stream()
                                    .filter(r -> !r.name().equals(revision))
                                    .toList();
                    put(there, there.latest(), left, ServiceChange.NONE);
                    return null;
                });
    }

    @Override
    public CompletionStage<Void> delete(ServiceName name, ServiceCondition condition) {
        return stage(
                () -> {
                    condition.check(name, Optional.of(found(name).version()));
                    services.remove(name);
                    return null;
                });
    }
}
