package dev.hearth.gateway.admin;

import dev.hearth.contracts.BudgetPort;
import dev.hearth.contracts.Prices;
import dev.hearth.contracts.UsagePort;
import dev.hearth.gateway.usage.ItemisedBill;

/** What a bill is made of, and what it is held against. */
public record BillSources(
        UsagePort usage, Prices prices, ItemisedBill itemised, BudgetPort projectBudgets) {}
