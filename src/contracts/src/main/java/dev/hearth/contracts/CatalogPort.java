package dev.hearth.contracts;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * What is deployed. Stages fail with a HearthException; NOT_FOUND {@code service-not-found} where a
 * name is unknown, UNAVAILABLE {@code database-unavailable} where the database is away.
 */
public interface CatalogPort {
    /**
     * The same, for somebody: the audit log has their name, and there is nothing but what is of
     * their project.
     */
    CatalogPort as(Caller caller);

    /**
     * The deploy flow: validate, resolve, prefetch, prove, store, shift traffic, announce. Requests
     * see the new revision when the stage completes; when it fails the old one goes on serving.
     * Fails with what the rollout's condition says before anything is pulled or started, and again
     * where it ceases to hold meanwhile.
     */
    CompletionStage<Service> deploy(DeployRequest request);

    /** All services by name. */
    CompletionStage<List<Service>> services();

    /** Which state each service is in; much cheaper than {@link #services()}. */
    CompletionStage<Map<ServiceName, ServiceVersion>> versions();

    /**
     * A page of them, newest first; of the default project's where nobody in particular asks.
     *
     * @param after where it begins; empty for the first
     * @param most services in it, 1 to {@link ServicePage#MOST}
     */
    CompletionStage<ServicePage> services(Optional<ServicePage.Cursor> after, int most);

    CompletionStage<Service> service(ServiceName name);

    /**
     * Changes a service without a new revision; completes when requests are served accordingly.
     * Fails as {@link #traffic}, and with what the condition says.
     */
    CompletionStage<Service> change(ServiceName name, ServiceChange change);

    /**
     * Completes when requests go where they are wanted. NOT_FOUND {@code revision-not-found} where
     * a revision is not one of the service's, or is not kept any more.
     */
    CompletionStage<Service> traffic(ServiceName name, TrafficChange change);

    /**
     * Begins to move a service's requests to a revision, in steps; completes when the first one is
     * taken. CONFLICT {@code rollout-in-progress} while another rollout of the service runs,
     * NOT_FOUND {@code revision-not-found}, INVALID {@code invalid-rollout} where it has all
     * requests already.
     *
     * @param to empty for the latest, and those that are deployed later
     */
    CompletionStage<Service> rollOut(ServiceName name, Optional<RevisionName> to, RolloutPlan plan);

    /**
     * Takes a rollout from one state to the next; completes when requests go accordingly. CONFLICT
     * {@code rollout-moved} when it is not as it was seen, because somebody else moved it.
     */
    CompletionStage<Service> move(ServiceName name, GradualRollout seen, GradualRollout next);

    /** All domains that lead to services, by name. */
    CompletionStage<List<DomainMapping>> domains();

    /**
     * Leads a domain to a service; completes when its requests go there. One that leads there
     * already is fine. CONFLICT {@code domain-taken} where it leads to another one, EXHAUSTED
     * {@code too-many-domains}.
     */
    CompletionStage<DomainMapping> addDomain(DomainName domain, ServiceName service);

    /** Completes when it leads to nobody. NOT_FOUND {@code domain-not-found}. */
    CompletionStage<Void> removeDomain(DomainName domain);

    /** Completes when the service is held against another budget. */
    CompletionStage<Service> budget(ServiceName name, Budget budget);

    /**
     * Sends all requests to the revision before the one that gets most of them now; while a rollout
     * runs, to where they went before it. FAILED_PRECONDITION {@code no-earlier-revision} when none
     * is kept.
     */
    CompletionStage<Service> rollback(ServiceName name);

    /**
     * Forgets a revision. FAILED_PRECONDITION {@code revision-in-use} while it is the latest, or
     * has traffic or a tag.
     */
    CompletionStage<Void> delete(ServiceName name, RevisionName revision);

    /**
     * Completes when requests no longer find the service. Fails with what the condition says, too.
     */
    CompletionStage<Void> delete(ServiceName name, ServiceCondition condition);

    /** Deletes it however it is. */
    default CompletionStage<Void> delete(ServiceName name) {
        return delete(name, ServiceCondition.ANY);
    }
}
