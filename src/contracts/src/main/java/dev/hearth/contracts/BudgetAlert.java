package dev.hearth.contracts;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;

/**
 * That a budget is spent. JSON on {@link Topics#ALERTS}; told at least once in a month by each
 * gateway, with the same id, so that whoever acts on it can do so once.
 *
 * @param schema {@link Topics#SCHEMA}
 * @param id the same for the same budget in the same month
 * @param service empty for that of the whole project
 * @param month when it began, ISO-8601
 * @param budget see {@link Budget}
 * @param spent in the currency of the price list
 * @param stops whether requests are refused now
 * @param atMillis when it was found, milliseconds since 1970
 */
public record BudgetAlert(
        int schema,
        String id,
        String project,
        String service,
        String month,
        String budget,
        BigDecimal spent,
        boolean stops,
        long atMillis) {
    /**
     * That this one is spent.
     *
     * @param service its name within the project; empty for the whole project
     */
    public static BudgetAlert of(
            ProjectName of, String service, Budget budget, BigDecimal spent, Instant now) {
        String project = of.value();
        String month = Months.begin(now).toString();
        String key = String.join("/", project, service, month, budget.toString());
        return new BudgetAlert(
                Topics.SCHEMA,
                UUID.nameUUIDFromBytes(key.getBytes(StandardCharsets.UTF_8)).toString(),
                project,
                service,
                month,
                budget.toString(),
                spent,
                budget.stops(),
                now.toEpochMilli());
    }
}
