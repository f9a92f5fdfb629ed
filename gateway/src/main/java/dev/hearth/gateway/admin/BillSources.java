package dev.hearth.gateway.admin;

import dev.hearth.contracts.BudgetPort;
import dev.hearth.contracts.Prices;
import dev.hearth.contracts.TaskUsagePort;
import dev.hearth.contracts.UsagePort;

/** What a bill is made of, and what it is held against. */
public record BillSources(
        UsagePort usage,
        TaskUsagePort tasks,
        Prices prices,
        ItemParts items,
        BudgetPort projectBudgets) {}
