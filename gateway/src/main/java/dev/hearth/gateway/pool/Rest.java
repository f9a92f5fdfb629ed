package dev.hearth.gateway.pool;

import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.Warmth;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where one instance stands on the warm ladder, as the gateway has asked for it: down by {@link
 * #down} when no request is in it, up by {@link #wake} with the next one.
 *
 * <p>Concurrency: a request that finds it awake reads one volatile field. Both directions ask the
 * runtime under this object's lock, so that the runtime hears of them in the order in which they
 * happened. A request counts itself in before it looks here, and {@link #down} looks for requests
 * after it has moved: one of the two always sees the other.
 */
final class Rest {
    /** A thaw takes far less than a millisecond; one that takes so long will not come. */
    private static final int THAW_SECONDS = 5;

    private final RuntimePort runtime;
    private final InstanceId instance;
    private volatile Warmth rung = Warmth.READY;

    /** Under way; null when it is not, or is over. */
    private volatile @Nullable CompletableFuture<Void> thaw;

    Rest(RuntimePort runtime, InstanceId instance) {
        this.runtime = runtime;
        this.instance = instance;
    }

    /** Of one that an earlier run of the platform left frozen. */
    Rest frozen() {
        rung = Warmth.FROZEN;
        return this;
    }

    /** Whether it has its full quota, and runs or will. */
    boolean isReady() {
        return rung == Warmth.READY;
    }

    /**
     * Moves it down.
     *
     * @param to colder than where it is, else nothing happens
     * @param sliver the quota of an idle instance
     */
    synchronized void down(Member member, Warmth to, Cpu sliver) {
        if (to.compareTo(rung) <= 0 || thaw != null) {
            return;
        }
        Warmth before = rung;
        rung = to;
        if (member.inFlight() > 0) {
            rung = before;
            return;
        }
        if (before == Warmth.READY) {
            runtime.setCpu(instance, sliver, true);
        }
        if (to.isFrozen()) {
            runtime.freeze(instance, to);
        }
    }

    /** Gives it its full quota, and lets it run. */
    void wake(Cpu full) {
        if (rung != Warmth.READY) {
            wakeNow(full);
        }
    }

    private synchronized void wakeNow(Cpu full) {
        Warmth from = rung;
        if (from == Warmth.READY) {
            return; // another request was first
        }
        if (from.isFrozen()) {
            CompletableFuture<Void> under =
                    runtime.thaw(instance)
                            .toCompletableFuture()
                            .copy()
                            .orTimeout(THAW_SECONDS, TimeUnit.SECONDS);
            thaw = under;
            under.whenComplete((done, failure) -> thawed(under, failure));
        }
        rung = Warmth.READY;
        runtime.setCpu(instance, full, false);
    }

    private synchronized void thawed(CompletableFuture<Void> which, @Nullable Throwable failure) {
        if (which.equals(thaw) && failure == null) {
            thaw = null;
        }
    }

    /** The thaw that a request has to wait for; null for none. A failed one stays. */
    @Nullable CompletableFuture<Void> thaw() {
        return thaw;
    }
}
