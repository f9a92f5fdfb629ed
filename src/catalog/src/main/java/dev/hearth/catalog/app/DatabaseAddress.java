package dev.hearth.catalog.app;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import io.vertx.pgclient.PgConnectOptions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.postgresql.ds.PGSimpleDataSource;

/** Where PostgreSQL is, for the blocking JDBC connections of a start. */
final class DatabaseAddress {
    private static final int CONNECT_SECONDS = 3;

    /** A migration may rewrite tables; a server that says nothing for so long is gone. */
    private static final int SILENCE_SECONDS = 60;

    private static final Duration PAUSE = Duration.ofMillis(25);

    private final String url;
    private final String user;
    private final String password;
    private final Clock clock;

    /**
     * @param url as Quarkus wants it for its reactive client: {@code
     *     postgresql://HOST:PORT/DATABASE}
     */
    DatabaseAddress(String url, String user, String password, Clock clock) {
        this.url = url.startsWith("vertx-reactive:") ? url.substring(15) : url;
        this.user = user;
        this.password = password;
        this.clock = clock;
    }

    /** Opens connections on demand; holds none. */
    PGSimpleDataSource dataSource() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL("jdbc:" + url);
        source.setUser(user);
        source.setPassword(password);
        source.setLoginTimeout(CONNECT_SECONDS);
        source.setConnectTimeout(CONNECT_SECONDS);
        source.setSocketTimeout(SILENCE_SECONDS);
        source.setApplicationName("hearth-catalog");
        return source;
    }

    /** For connections that do not block. */
    PgConnectOptions reactive() {
        return PgConnectOptions.fromUri(url).setUser(user).setPassword(password);
    }

    /** Blocks until a connection can be made; throws UNAVAILABLE {@code database-unavailable}. */
    void awaitAnswer(Duration deadline) {
        long begin = clock.nanos();
        PGSimpleDataSource source = dataSource();
        while (true) {
            try (Connection answered = source.getConnection()) {
                return;
            } catch (SQLException e) {
                if (clock.nanos() - begin > deadline.toNanos()) {
                    throw unavailable(deadline, e);
                }
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HearthException(
                    ErrorKind.UNAVAILABLE,
                    "platform-stopping",
                    "waiting for the catalog's database was cut short because Hearth is stopping",
                    e);
        }
    }

    private HearthException unavailable(Duration deadline, SQLException cause) {
        return new HearthException(
                ErrorKind.UNAVAILABLE,
                "database-unavailable",
                "the catalog's database at "
                        + shown()
                        + " did not answer within "
                        + deadline.toSeconds()
                        + " s ("
                        + cause.getMessage()
                        + "); check that PostgreSQL runs there and takes user "
                        + user,
                cause);
    }

    /** Without what may be secret: the user before an at sign, the parameters. */
    private String shown() {
        return url.replaceFirst("//[^/]*@", "//").replaceFirst("\\?.*", "");
    }
}
