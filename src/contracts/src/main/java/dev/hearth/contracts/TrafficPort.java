package dev.hearth.contracts;

import java.util.concurrent.CompletionStage;

/** What the catalog asks of the gateway. None of the calls blocks. */
public interface TrafficPort {
    /**
     * Starts one instance of a revision that is not routed yet, to show that it works; it stays,
     * ready for the traffic to come. Fails as {@link RuntimePort#start}, leaving nothing.
     */
    CompletionStage<Void> prove(RevisionSpec revision);

    /** Stops what {@link #prove} started, because the revision will not be routed after all. */
    CompletionStage<Void> discard(RevisionName revision);

    /**
     * Routes all services by this table from now on; revisions that it no longer names are drained
     * and stopped. Requests see the new table when this returns.
     */
    void replace(RouteTable table);

    /**
     * Routes one service so from now on, and the others as before, at the cost of one; revisions
     * that it no longer names are drained and stopped. Requests see all of the route before or all
     * of this one; when this returns, this one.
     */
    void route(ServiceName service, Route route);

    /** From now on there is no such service: its revisions are drained and stopped. */
    void unroute(ServiceName service);

    /** Drains and stops every instance of a service now; the next request starts one again. */
    CompletionStage<Void> stopInstances(ServiceName service);
}
