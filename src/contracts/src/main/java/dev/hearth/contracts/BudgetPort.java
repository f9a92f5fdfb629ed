package dev.hearth.contracts;

import java.util.concurrent.CompletionStage;

/**
 * What all services of a project together may cost. Fails with UNAVAILABLE {@code
 * database-unavailable}.
 */
public interface BudgetPort {
    CompletionStage<Budget> budget();

    /** Sets it; gateways know within seconds. */
    CompletionStage<Void> budget(Caller by, Budget budget);
}
