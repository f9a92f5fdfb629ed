package dev.hearth.contracts;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * What is deployed. Stages fail with a HearthException; NOT_FOUND {@code service-not-found} where a
 * name is unknown, UNAVAILABLE {@code database-unavailable} where the database is away.
 */
public interface CatalogPort {
    /**
     * The deploy flow: validate, resolve, prefetch, prove, store, shift traffic, announce. Requests
     * see the new revision when the stage completes; when it fails the old one goes on serving.
     */
    CompletionStage<Service> deploy(DeployRequest request);

    /** All services by name. */
    CompletionStage<List<Service>> services();

    CompletionStage<Service> service(ServiceName name);

    /** Completes when requests no longer find the service. */
    CompletionStage<Void> delete(ServiceName name);
}
