package dev.hearth.contracts;

import java.util.Map;
import java.util.concurrent.CompletionStage;

/** What projects may have at most. Fails with UNAVAILABLE {@code database-unavailable}. */
public interface QuotaPort {
    /** Of those that have one. */
    CompletionStage<Map<ProjectName, Quota>> quotas();

    /**
     * Sets that of the caller's project. In force when this completes; at other gateways within
     * seconds.
     */
    CompletionStage<Quota> set(Caller by, Quota quota);
}
