package dev.hearth.catalog.app;

import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnectOptions;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Makes the pool of database connections, with the deadlines that Quarkus has no keys for. */
@Singleton
class DatabasePool implements PgPoolCreator {
    private static final int CONNECT_MILLIS = 2000;

    /** Waiting for a connection and making one, a little less than the whole transaction's time. */
    private static final int ACQUIRE_MILLIS = 3000;

    /** Callers that may wait for a connection; more are refused at once. */
    private static final int MOST_WAITING = 256;

    @Override
    public Pool create(Input input) {
        input.pgConnectOptionsList().forEach(c -> c.setConnectTimeout(CONNECT_MILLIS));
        return PgBuilder.pool()
                .with(
                        input.poolOptions()
                                .setConnectionTimeout(ACQUIRE_MILLIS)
                                .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS)
                                .setMaxWaitQueueSize(MOST_WAITING))
                .connectingTo(List.<SqlConnectOptions>copyOf(input.pgConnectOptionsList()))
                .using(input.vertx())
                .build();
    }
}
