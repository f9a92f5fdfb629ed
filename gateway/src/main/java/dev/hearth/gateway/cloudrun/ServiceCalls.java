package dev.hearth.gateway.cloudrun;

import com.google.cloud.run.v2.CreateServiceRequest;
import com.google.cloud.run.v2.DeleteServiceRequest;
import com.google.cloud.run.v2.GetServiceRequest;
import com.google.cloud.run.v2.ListServicesRequest;
import com.google.cloud.run.v2.ListServicesResponse;
import com.google.cloud.run.v2.Service;
import com.google.cloud.run.v2.UpdateServiceRequest;
import com.google.longrunning.Operation;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.ServiceChange;
import dev.hearth.contracts.ServiceCondition;
import dev.hearth.contracts.ServiceName;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** {@code google.cloud.run.v2.Services}, but for who may call them. */
final class ServiceCalls {
    private final CatalogPort catalog;
    private final ServiceWriter writer;
    private final Operations operations;
    private final Clock clock;

    ServiceCalls(CatalogPort catalog, ServiceWriter writer, Operations operations, Clock clock) {
        this.catalog = catalog;
        this.writer = writer;
        this.operations = operations;
        this.clock = clock;
    }

    /** The same, for calls by somebody. */
    ServiceCalls as(Caller caller) {
        return new ServiceCalls(
                catalog.as(caller),
                writer.in(caller.project()),
                operations.of(caller.project()),
                clock);
    }

    CompletionStage<Service> get(GetServiceRequest call) {
        LocationName.OfService name = LocationName.service(call.getName());
        return catalog.service(name.service())
                .thenApply(service -> writer.write(name.location(), service));
    }

    CompletionStage<ListServicesResponse> list(ListServicesRequest call) {
        LocationName location = LocationName.parse(call.getParent());
        return catalog.services(Pages.cursor(call.getPageToken()), Pages.size(call.getPageSize()))
                .thenApply(
                        page ->
                                ListServicesResponse.newBuilder()
                                        .addAllServices(
                                                page.services().stream()
                                                        .map(s -> writer.write(location, s))
                                                        .toList())
                                        .setNextPageToken(Pages.token(page.next()))
                                        .build());
    }

    /** Validate, then deploy what must not be there; done when it serves. */
    CompletionStage<Operation> create(CreateServiceRequest call) {
        LocationName location = LocationName.parse(call.getParent());
        if (call.getServiceId().isEmpty()) {
            throw Sent.wrong("serviceId", "is missing");
        }
        return create(
                new LocationName.OfService(location, new ServiceName(call.getServiceId())),
                call.getService(),
                call.getValidateOnly());
    }

    private CompletionStage<Operation> create(
            LocationName.OfService name, Service sent, boolean validateOnly) {
        DeployRequest wanted =
                ServiceReader.read(name.service(), sent, Optional.empty(), ServiceCondition.ABSENT);
        Service meant = sent.toBuilder().setName(name.toString()).build();
        return found(name.service())
                .thenCompose(
                        there -> {
                            ServiceCondition.ABSENT.check(
                                    name.service(),
                                    there.map(dev.hearth.contracts.Service::version));
                            return validateOnly
                                    ? validated(name, meant)
                                    : changed(name, meant, catalog.deploy(wanted));
                        });
    }

    /**
     * Reads what there is, puts what is sent over it, and deploys a revision if its template is
     * another one. Nobody else's change in between is overwritten.
     */
    CompletionStage<Operation> update(UpdateServiceRequest call) {
        LocationName.OfService name = LocationName.service(call.getService().getName());
        Masks.check(call.getUpdateMask());
        return found(name.service())
                .thenCompose(
                        there -> {
                            if (there.isPresent()) {
                                return update(name, call, there.get());
                            }
                            if (!call.getAllowMissing()) {
                                return CompletableFuture.failedFuture(noSuchService(name));
                            }
                            return create(name, call.getService(), call.getValidateOnly());
                        });
    }

    private CompletionStage<Operation> update(
            LocationName.OfService name,
            UpdateServiceRequest call,
            dev.hearth.contracts.Service now) {
        ServiceCondition.unchanged(call.getService().getEtag())
                .check(now.name(), Optional.of(now.version()));
        Service meant =
                Masks.merged(
                        call.getUpdateMask(),
                        call.getService(),
                        writer.write(name.location(), now));
        DeployRequest wanted =
                ServiceReader.read(
                        name.service(),
                        meant,
                        Optional.of(now),
                        ServiceCondition.unchanged(now.version().etag()));
        boolean isDeployed = isDeployed(wanted, now.latest());
        if (!isDeployed) {
            checkNew(wanted, now);
        }
        if (call.getValidateOnly()) {
            return validated(name, meant);
        }
        return changed(
                name,
                meant,
                isDeployed ? change(wanted.rollout().change(), now) : catalog.deploy(wanted));
    }

    /** Whether the template is that of the latest revision. */
    private static boolean isDeployed(DeployRequest wanted, RevisionSpec latest) {
        String suffix = wanted.rollout().suffix();
        return wanted.image().equals(latest.image())
                && wanted.container().equals(latest.container())
                && wanted.resources().equals(latest.resources())
                && wanted.scaling().equals(latest.scaling())
                && wanted.requests().equals(latest.requests())
                && wanted.metadata().equals(latest.metadata())
                && (suffix.isEmpty()
                        || latest.name().value().equals(wanted.service() + "-" + suffix));
    }

    /** Before its image is pulled, rather than when it is stored. */
    private static void checkNew(DeployRequest wanted, dev.hearth.contracts.Service now) {
        String name = wanted.service() + "-" + wanted.rollout().suffix();
        if (now.revisions().stream().anyMatch(r -> r.name().value().equals(name))) {
            throw new HearthException(
                    ErrorKind.CONFLICT,
                    "revision-exists",
                    "there is a revision "
                            + name
                            + " already, and revisions never change; choose another name in"
                            + " service.template.revision, or leave it out");
        }
    }

    private CompletionStage<dev.hearth.contracts.Service> change(
            ServiceChange wanted, dev.hearth.contracts.Service now) {
        boolean same =
                wanted.traffic().equals(now.traffic())
                        && wanted.metadata().orElse(now.metadata()).equals(now.metadata())
                        && wanted.bounds().orElse(now.bounds()).equals(now.bounds())
                        && wanted.invokers().orElse(now.invokers()).equals(now.invokers());
        return same ? CompletableFuture.completedFuture(now) : catalog.change(now.name(), wanted);
    }

    CompletionStage<Operation> delete(DeleteServiceRequest call) {
        LocationName.OfService name = LocationName.service(call.getName());
        ServiceCondition condition = ServiceCondition.unchanged(call.getEtag());
        return catalog.service(name.service())
                .thenCompose(
                        now -> {
                            condition.check(now.name(), Optional.of(now.version()));
                            Service last = writer.write(name.location(), now);
                            if (call.getValidateOnly()) {
                                return validated(name, last);
                            }
                            return operations.run(
                                    name.location(),
                                    last,
                                    catalog.delete(name.service(), condition)
                                            .thenApply(gone -> deleted(last)));
                        });
    }

    private Service deleted(Service last) {
        return last.toBuilder().setDeleteTime(ServiceWriter.timestamp(clock.now())).build();
    }

    private CompletionStage<Operation> changed(
            LocationName.OfService name,
            Service meant,
            CompletionStage<dev.hearth.contracts.Service> work) {
        return operations.run(
                name.location(),
                meant.toBuilder().setReconciling(true).build(),
                work.thenApply(service -> writer.write(name.location(), service)));
    }

    private CompletionStage<Operation> validated(LocationName.OfService name, Service meant) {
        return operations.run(name.location(), meant, CompletableFuture.completedFuture(meant));
    }

    private CompletionStage<Optional<dev.hearth.contracts.Service>> found(ServiceName name) {
        return Lookups.found(catalog.service(name));
    }

    private static HearthException noSuchService(LocationName.OfService name) {
        return new HearthException(
                ErrorKind.NOT_FOUND, "service-not-found", "there is no service \"" + name + "\"");
    }
}
