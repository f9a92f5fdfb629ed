package dev.hearth.contracts;

import java.util.concurrent.CompletionStage;

/** What the project may have at most. Fails with UNAVAILABLE {@code database-unavailable}. */
public interface QuotaPort {
    CompletionStage<Quota> quota();

    /** In force when this completes; at other gateways within seconds. */
    CompletionStage<Quota> set(Caller by, Quota quota);
}
