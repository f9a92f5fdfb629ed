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

    /**
     * Completes when requests go where they are wanted. NOT_FOUND {@code revision-not-found} where
     * a revision is not one of the service's, or is not kept any more.
     */
    CompletionStage<Service> traffic(ServiceName name, TrafficChange change);

    /** Completes when the service is held against another budget. */
    CompletionStage<Service> budget(ServiceName name, Budget budget);

    /**
     * Sends all requests to the revision before the one that gets most of them now.
     * FAILED_PRECONDITION {@code no-earlier-revision} when none is kept.
     */
    CompletionStage<Service> rollback(ServiceName name);

    /**
     * Forgets a revision. FAILED_PRECONDITION {@code revision-in-use} while it is the latest, or
     * has traffic or a tag.
     */
    CompletionStage<Void> delete(ServiceName name, RevisionName revision);

    /** Completes when requests no longer find the service. */
    CompletionStage<Void> delete(ServiceName name);
}
