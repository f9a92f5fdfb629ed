package dev.hearth.catalog.store;

import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;

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

    private final Mutiny.SessionFactory sessions;
    private final Vertx vertx;

    public Database(Mutiny.SessionFactory sessions, Vertx vertx) {
        this.sessions = sessions;
        this.vertx = vertx;
    }

    /**
     * Runs {@code work} in a transaction. When it fails or its time is up, the transaction is
     * rolled back; only when the connection breaks in the commit itself may it have been done all
     * the same. Fails with UNAVAILABLE {@code database-unavailable}, CONFLICT {@code
     * deploy-in-progress} when another process was faster, or what {@code work} fails with.
     */
    <T> Uni<T> transaction(Function<Mutiny.Session, Uni<T>> work) {
        return onItsOwnContext(Uni.createFrom().deferred(() -> sessions.withTransaction(work)))
                .ifNoItem()
                .after(DEADLINE)
                .fail()
                .onFailure()
                .transform(DatabaseFailure::told);
    }

    private <T> Uni<T> onItsOwnContext(Uni<T> work) {
        return Uni.createFrom()
                .emitter(
                        emitter -> {
                            Context context =
                                    VertxContext.createNewDuplicatedContext(
                                            vertx.getOrCreateContext());
                            AtomicReference<Cancellable> running = new AtomicReference<>();
                            emitter.onTermination(() -> context.runOnContext(v -> cancel(running)));
                            context.runOnContext(
                                    v ->
                                            running.set(
                                                    work.subscribe()
                                                            .with(
                                                                    emitter::complete,
                                                                    emitter::fail)));
                        });
    }

    private static void cancel(AtomicReference<Cancellable> running) {
        Cancellable subscription = running.get();
        if (subscription != null) {
            subscription.cancel();
        }
    }
}
