package dev.hearth.gateway.app;

import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.Quota;
import dev.hearth.contracts.QuotaPort;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * The quotas as they were when they were last read: looked at every few seconds, so that no start
 * waits for the database, and starts go on under it while that is away.
 */
final class QuotaWatch implements QuotaPort, Function<ProjectName, Quota> {
    private static final Logger LOG = Logger.getLogger(QuotaWatch.class);

    /** Between two looks. */
    static final long LOOK_MILLIS = 5_000;

    private final QuotaPort stored;
    private volatile Map<ProjectName, Quota> last = Map.of();

    QuotaWatch(QuotaPort stored) {
        this.stored = stored;
    }

    @Override
    public Quota apply(ProjectName project) {
        return last.getOrDefault(project, Quota.NONE);
    }

    /** Reads them; returns at once. */
    void look() {
        quotas().exceptionally(
                        away -> {
                            LOG.debugf("the quotas were not read: %s", away.getMessage());
                            return last;
                        });
    }

    @Override
    public CompletionStage<Map<ProjectName, Quota>> quotas() {
        return stored.quotas().thenApply(this::remembered);
    }

    @Override
    public CompletionStage<Quota> set(Caller by, Quota quota) {
        return stored.set(by, quota)
                .thenCompose(set -> quotas())
                .thenApply(all -> all.getOrDefault(by.project(), Quota.NONE));
    }

    private Map<ProjectName, Quota> remembered(Map<ProjectName, Quota> quotas) {
        last = Map.copyOf(quotas);
        return quotas;
    }
}
