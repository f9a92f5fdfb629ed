package dev.hearth.catalog.store;

import dev.hearth.contracts.Budget;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.UsageRecord;
import io.smallrye.mutiny.Uni;

/** Projects' budgets in PostgreSQL. */
public final class BudgetStore {
    private final Database database;

    public BudgetStore(Database database) {
        this.database = database;
    }

    /** See BudgetPort. */
    public Uni<Budget> budget() {
        return database.read(
                session ->
                        session.createNativeQuery(
                                        "select budget from project_budgets where project = ?1",
                                        String.class)
                                .setParameter(1, UsageRecord.DEFAULT_PROJECT)
                                .getResultList()
                                .map(
                                        rows ->
                                                rows.isEmpty()
                                                        ? Budget.NONE
                                                        : Budget.parse(rows.getFirst())));
    }

    /** See BudgetPort. */
    public Uni<Void> budget(Caller by, Budget budget) {
        return database.as(by)
                .transaction(
                        session ->
                                session.createNativeQuery(
                                                """
                                        insert into project_budgets (project, budget) values (?1, ?2)
                                        on conflict (project) do update set budget = excluded.budget\
                                        """)
                                        .setParameter(1, UsageRecord.DEFAULT_PROJECT)
                                        .setParameter(2, budget.toString())
                                        .executeUpdate()
                                        .replaceWithVoid());
    }
}
