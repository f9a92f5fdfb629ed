package dev.hearth.catalog.app;

import dev.hearth.catalog.deploy.Deployment;
import dev.hearth.catalog.deploy.Domains;
import dev.hearth.catalog.deploy.Rollback;
import dev.hearth.catalog.store.CatalogStore;
import dev.hearth.contracts.Budget;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.DomainMapping;
import dev.hearth.contracts.DomainName;
import dev.hearth.contracts.GradualRollout;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RolloutPlan;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceChange;
import dev.hearth.contracts.ServiceCondition;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.ServicePage;
import dev.hearth.contracts.ServiceVersion;
import dev.hearth.contracts.TrafficChange;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The catalog as the other rooms see it. */
final class Catalog implements CatalogPort {
    private final Deployment deployment;
    private final CatalogStore store;
    private final Domains domains;

    Catalog(Deployment deployment, CatalogStore store, Domains domains) {
        this.deployment = deployment;
        this.store = store;
        this.domains = domains;
    }

    @Override
    public CatalogPort as(Caller caller) {
        return new Catalog(deployment.as(caller), store.as(caller), domains.as(caller));
    }

    @Override
    public CompletionStage<Service> deploy(DeployRequest request) {
        return begun(deployment.deploy(request));
    }

    @Override
    public CompletionStage<List<Service>> services() {
        return begun(store.services());
    }

    @Override
    public CompletionStage<Map<ServiceName, ServiceVersion>> versions() {
        return begun(store.versions());
    }

    @Override
    public CompletionStage<ServicePage> services(Optional<ServicePage.Cursor> after, int most) {
        return begun(store.services(after, most));
    }

    @Override
    public CompletionStage<Service> change(ServiceName name, ServiceChange change) {
        return begun(deployment.change(name, change));
    }

    @Override
    public CompletionStage<Service> service(ServiceName name) {
        return begun(store.service(name));
    }

    @Override
    public CompletionStage<Service> traffic(ServiceName name, TrafficChange change) {
        return begun(deployment.traffic(name, service -> change.of(service.traffic())));
    }

    @Override
    public CompletionStage<Service> rollOut(
            ServiceName name, Optional<RevisionName> to, RolloutPlan plan) {
        return begun(deployment.rollOut(name, to, plan));
    }

    @Override
    public CompletionStage<Service> move(
            ServiceName name, GradualRollout seen, GradualRollout next) {
        return begun(deployment.move(name, seen, next));
    }

    @Override
    public CompletionStage<List<DomainMapping>> domains() {
        return begun(domains.all());
    }

    @Override
    public CompletionStage<DomainMapping> addDomain(DomainName domain, ServiceName service) {
        return begun(domains.add(domain, service));
    }

    @Override
    public CompletionStage<Void> removeDomain(DomainName domain) {
        return begun(domains.remove(domain));
    }

    @Override
    public CompletionStage<Service> budget(ServiceName name, Budget budget) {
        return begun(deployment.budget(name, budget));
    }

    @Override
    public CompletionStage<Service> rollback(ServiceName name) {
        return begun(deployment.traffic(name, Rollback::of));
    }

    @Override
    public CompletionStage<Void> delete(ServiceName name, RevisionName revision) {
        return begun(store.delete(name, revision));
    }

    @Override
    public CompletionStage<Void> delete(ServiceName name, ServiceCondition condition) {
        return begun(deployment.delete(name, condition));
    }

    /** A stage that its receiver cannot cancel: a deploy is finished or undone, never left. */
    static <T> CompletionStage<T> begun(Uni<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        work.subscribe()
                .with(
                        result::complete,
                        failure -> result.completeExceptionally(HearthException.from(failure)));
        return result.minimalCompletionStage();
    }
}
