package dev.hearth.gateway.pool;

import dev.hearth.contracts.StartedInstance;
import dev.hearth.gateway.usage.Tab;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A place for one request in one instance; given back exactly once, however often it is released.
 */
public final class Reservation {
    private final RevisionPool pool;
    private final Member member;
    private final AtomicBoolean released = new AtomicBoolean();

    Reservation(RevisionPool pool, Member member) {
        this.pool = pool;
        this.member = member;
    }

    /** Where the request goes. */
    public StartedInstance instance() {
        return member.instance();
    }

    /** Where what the instance is billed for is put down. */
    public Tab tab() {
        return member.tab();
    }

    /** What has to be over before the request can go there; null for nothing. It may fail. */
    public @Nullable CompletableFuture<Void> thaw() {
        return member.rest().thaw();
    }

    /** The instance's name in its clients' cookies; empty without session affinity. */
    public String affinity() {
        return member.affinity();
    }

    /**
     * The instance did not thaw, or refused the connection: takes it out of the pool, and gives the
     * place back.
     */
    public void reportDead() {
        pool.suspect(member);
        release();
    }

    /** Gives the place back. */
    public void release() {
        if (released.compareAndSet(false, true)) {
            pool.release(member);
        }
    }
}
