package dev.hearth.catalog.store;

import dev.hearth.contracts.Budget;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ProjectName;
import io.smallrye.mutiny.Uni;
import java.util.Map;
import java.util.stream.Collectors;

/** Projects' budgets in PostgreSQL. */
public final class BudgetStore {
    private final Database database;

    public BudgetStore(Database database) {
        this.database = database;
    }

    /** See BudgetPort. */
    public Uni<Map<ProjectName, Budget>> budgets() {
        return database.read(
                session ->
                        session.createNativeQuery(
                                        "select project, budget from project_budgets",
                                        Object[].class)
                                .getResultList()
                                .map(
                                        rows ->
                                                rows.stream()
                                                        .collect(
                                                                Collectors.toMap(
                                                                        row ->
                                                                                new ProjectName(
                                                                                        (String)
                                                                                                row[
                                                                                                        0]),
                                                                        row ->
                                                                                Budget.parse(
                                                                                        (String)
                                                                                                row[
                                                                                                        1])))));
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
                                        .setParameter(1, by.project().value())
                                        .setParameter(2, budget.toString())
                                        .executeUpdate()
                                        .replaceWithVoid());
    }
}
