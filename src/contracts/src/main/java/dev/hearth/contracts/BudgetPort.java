package dev.hearth.contracts;

import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * What all services of a project together may cost. Fails with UNAVAILABLE {@code
 * database-unavailable}.
 */
public interface BudgetPort {
    /** Of those that have one. */
    CompletionStage<Map<ProjectName, Budget>> budgets();

    /** Sets that of the caller's project; gateways know within seconds. */
    CompletionStage<Void> budget(Caller by, Budget budget);
}
