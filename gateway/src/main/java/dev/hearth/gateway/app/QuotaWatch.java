package dev.hearth.gateway.app;

import dev.hearth.contracts.Caller;
import dev.hearth.contracts.Quota;
import dev.hearth.contracts.QuotaPort;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The quota as it was when it was last read: looked at every few seconds, so that no start waits
 * for the database, and starts go on under it while that is away.
 */
final class QuotaWatch implements QuotaPort, Supplier<Quota> {
    private static final Logger LOG = Logger.getLogger(QuotaWatch.class);

    /** Between two looks. */
    static final long LOOK_MILLIS = 5_000;

    private final QuotaPort stored;
    private volatile Quota last = Quota.NONE;

    QuotaWatch(QuotaPort stored) {
        this.stored = stored;
    }

    @Override
    public Quota get() {
        return last;
    }

    /** Reads it; returns at once. */
    void look() {
        quota().exceptionally(
                        away -> {
                            LOG.debugf("the quota was not read: %s", away.getMessage());
                            return last;
                        });
    }

    @Override
    public CompletionStage<Quota> quota() {
        return stored.quota().thenApply(this::remembered);
    }

    @Override
    public CompletionStage<Quota> set(Caller by, Quota quota) {
        return stored.set(by, quota).thenApply(this::remembered);
    }

    private Quota remembered(Quota quota) {
        last = quota;
        return quota;
    }
}
