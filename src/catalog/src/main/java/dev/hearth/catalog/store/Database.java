package dev.hearth.catalog.store;

import dev.hearth.contracts.Caller;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.hibernate.FlushMode;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * PostgreSQL behind a deadline: runs transactions, and tells every failure as a HearthException.
 *
 * <p>Each transaction has a Vert.x context of its own. Hibernate Reactive keeps the current session
 * in the context, so that two transactions begun from one request's context would otherwise share
 * one.
 */
public final class Database {
    /** How long a transaction may take in all, waiting for a connection included. */
    static final Duration DEADLINE = Duration.ofSeconds(4);

    private static final Logger LOG = Logger.getLogger(Database.class);

    /** Tells the triggers of the audit log who it is, until the transaction ends. */
    private static final String NAME_CALLER = "select set_config('hearth.caller', ?1, true)";

    private final Mutiny.SessionFactory sessions;
    private final Vertx vertx;
    private final Optional<Caller> caller;

    public Database(Mutiny.SessionFactory sessions, Vertx vertx) {
        this(sessions, vertx, Optional.empty());
    }

    private Database(Mutiny.SessionFactory sessions, Vertx vertx, Optional<Caller> caller) {
        this.sessions = sessions;
        this.vertx = vertx;
        this.caller = caller;
    }

    /** The same, for changes by somebody: the audit log has their name. */
    Database as(Caller who) {
        return new Database(sessions, vertx, Optional.of(who));
    }

    /**
     * Runs {@code work} in a transaction. When it fails or its time is up, the transaction is
     * rolled back; only when the answer to the commit itself is lost may it have been done all the
     * same. Fails with UNAVAILABLE {@code database-unavailable}, CONFLICT {@code
     * deploy-in-progress} when another process was faster, or what {@code work} fails with.
     */
    <T> Uni<T> transaction(Function<Mutiny.Session, Uni<T>> work) {
        if (caller.isEmpty()) {
            return transaction(DEADLINE, work);
        }
        return transaction(
                DEADLINE,
                session ->
                        session.createNativeQuery(NAME_CALLER, String.class)
                                .setParameter(1, caller.get().name())
                                .getSingleResult()
                                .chain(named -> work.apply(session)));
    }

    /**
     * The same, for what changes nothing: Hibernate neither keeps copies of what it reads nor
     * compares them, which takes longer than reading does.
     */
    <T> Uni<T> read(Function<Mutiny.Session, Uni<T>> work) {
        return transaction(DEADLINE, session -> work.apply(forReading(session)));
    }

    /**
     * The same, for what is known to be a lot.
     *
     * @param deadline beyond {@link #DEADLINE}
     */
    <T> Uni<T> readMuch(Duration deadline, Function<Mutiny.Session, Uni<T>> work) {
        String patience = "set local statement_timeout = " + deadline.toMillis();
        return transaction(
                deadline,
                session ->
                        session.createNativeQuery(patience)
                                .executeUpdate()
                                .chain(() -> work.apply(forReading(session))));
    }

    private static Mutiny.Session forReading(Mutiny.Session session) {
        return session.setDefaultReadOnly(true).setFlushMode(FlushMode.MANUAL);
    }

    private <T> Uni<T> transaction(Duration deadline, Function<Mutiny.Session, Uni<T>> work) {
        return Uni.createFrom()
                .<T>emitter(emitter -> onItsOwnContext(started -> run(work, emitter)))
                .ifNoItem()
                .after(deadline)
                .fail()
                .onFailure()
                .transform(DatabaseFailure::told);
    }

    private void onItsOwnContext(Handler<Void> action) {
        Context context = VertxContext.createNewDuplicatedContext(vertx.getOrCreateContext());
        VertxContextSafetyToggle.setContextSafe(context, true);
        context.runOnContext(action);
    }

    /**
     * A transaction that nobody waits for any more is not cancelled, which Hibernate Reactive does
     * not take well in the middle of a statement (3.2: "Session is closed", "Live transaction
     * detected"), but fails at its end, before the commit.
     */
    private <T> void run(Function<Mutiny.Session, Uni<T>> work, UniEmitter<? super T> emitter) {
        AtomicBoolean abandoned = new AtomicBoolean();
        emitter.onTermination(() -> abandoned.set(true));
        sessions.withTransaction(session -> work.apply(session).invoke(() -> check(abandoned)))
                .subscribe()
                .with(
                        emitter::complete,
                        failure -> {
                            if (abandoned.get()) {
                                LOG.debugf(failure, "a transaction ended after its deadline");
                            } else {
                                emitter.fail(failure);
                            }
                        });
    }

    private static void check(AtomicBoolean abandoned) {
        if (abandoned.get()) {
            throw new IllegalStateException("not committed: its caller was told that it failed");
        }
    }
}
