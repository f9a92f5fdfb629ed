package dev.hearth.gateway.project;

import dev.hearth.contracts.Budget;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.DomainMapping;
import dev.hearth.contracts.DomainName;
import dev.hearth.contracts.GradualRollout;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RolloutPlan;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceChange;
import dev.hearth.contracts.ServiceCondition;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.ServicePage;
import dev.hearth.contracts.ServiceVersion;
import dev.hearth.contracts.TrafficChange;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The catalog as a project sees it: what is its own, by its names within it. */
public final class ProjectCatalog implements CatalogPort {
    private final CatalogPort catalog;
    private final ImageRights rights;
    private final Caller caller;
    private final Labels labels;

    private ProjectCatalog(CatalogPort catalog, ImageRights rights, Caller caller) {
        this.catalog = catalog;
        this.rights = rights;
        this.caller = caller;
        this.labels = new Labels(caller.project());
    }

    /** The catalog as the project of somebody who calls sees it. */
    public static CatalogPort of(CatalogPort catalog, ImageRights rights, Caller caller) {
        return new ProjectCatalog(catalog.as(caller), rights, caller);
    }

    @Override
    public CatalogPort as(Caller who) {
        return of(catalog, rights, who);
    }

    @Override
    public CompletionStage<Service> deploy(DeployRequest request) {
        DeployRequest named = labels.request(request);
        return rights.check(caller, request.image())
                .thenCompose(may -> catalog.deploy(named))
                .thenApply(Labels::label);
    }

    @Override
    public CompletionStage<List<Service>> services() {
        return catalog.services().thenApply(all -> all.stream().map(Labels::label).toList());
    }

    @Override
    public CompletionStage<Map<ServiceName, ServiceVersion>> versions() {
        return catalog.versions()
                .thenApply(
                        all -> {
                            Map<ServiceName, ServiceVersion> named = new HashMap<>();
                            all.forEach((s, v) -> named.put(Labels.label(s), v));
                            return named;
                        });
    }

    @Override
    public CompletionStage<ServicePage> services(Optional<ServicePage.Cursor> after, int most) {
        return catalog.services(after, most)
                .thenApply(
                        page ->
                                new ServicePage(
                                        page.services().stream().map(Labels::label).toList(),
                                        page.next()));
    }

    @Override
    public CompletionStage<Service> service(ServiceName name) {
        return catalog.service(labels.service(name)).thenApply(Labels::label);
    }

    @Override
    public CompletionStage<Service> change(ServiceName name, ServiceChange change) {
        return catalog.change(labels.service(name), labels.change(change)).thenApply(Labels::label);
    }

    @Override
    public CompletionStage<Service> traffic(ServiceName name, TrafficChange change) {
        return catalog.traffic(labels.service(name), labels.change(change))
                .thenApply(Labels::label);
    }

    @Override
    public CompletionStage<Service> rollOut(
            ServiceName name, Optional<RevisionName> to, RolloutPlan plan) {
        return catalog.rollOut(labels.service(name), to.map(labels::revision), plan)
                .thenApply(Labels::label);
    }

    /** Nobody outside the platform moves rollouts. */
    @Override
    public CompletionStage<Service> move(
            ServiceName name, GradualRollout seen, GradualRollout next) {
        throw new UnsupportedOperationException("rollouts are moved by the platform alone");
    }

    @Override
    public CompletionStage<List<DomainMapping>> domains() {
        return catalog.domains().thenApply(all -> all.stream().map(Labels::label).toList());
    }

    @Override
    public CompletionStage<DomainMapping> addDomain(DomainName domain, ServiceName service) {
        return catalog.addDomain(domain, labels.service(service)).thenApply(Labels::label);
    }

    @Override
    public CompletionStage<Void> removeDomain(DomainName domain) {
        return catalog.removeDomain(domain);
    }

    @Override
    public CompletionStage<Service> budget(ServiceName name, Budget budget) {
        return catalog.budget(labels.service(name), budget).thenApply(Labels::label);
    }

    @Override
    public CompletionStage<Service> rollback(ServiceName name) {
        return catalog.rollback(labels.service(name)).thenApply(Labels::label);
    }

    @Override
    public CompletionStage<Void> delete(ServiceName name, RevisionName revision) {
        return catalog.delete(labels.service(name), labels.revision(revision));
    }

    @Override
    public CompletionStage<Void> delete(ServiceName name, ServiceCondition condition) {
        return catalog.delete(labels.service(name), condition);
    }
}
