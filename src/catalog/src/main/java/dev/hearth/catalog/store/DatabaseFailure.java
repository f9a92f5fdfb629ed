package dev.hearth.catalog.store;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import io.smallrye.mutiny.TimeoutException;
import io.vertx.core.VertxException;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells what a failed transaction means to whoever asked for it. */
final class DatabaseFailure {
    private static final String UNIQUE_VIOLATION = "23505";
    private static final String FOREIGN_KEY_VIOLATION = "23503";

    /**
     * SQLSTATE classes that say the server, not the statement, is at fault: connection, read-only
     * server, refused log-in, missing database, serialisation, resources, operator, I/O (PostgreSQL
     * manual, appendix A).
     */
    private static final Set<String> SERVER_CLASSES =
            Set.of("08", "25", "28", "3D", "40", "53", "57", "58");

    private DatabaseFailure() {}

    /** The failure as a HearthException, which is what it becomes if it is not one already. */
    static HearthException told(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof HearthException known) {
                return known;
            }
            if (t instanceof PgException answer) {
                return told(answer);
            }
            if (t instanceof SQLException answer && answer.getSQLState() != null) {
                return told(answer.getSQLState(), answer); // as Hibernate wraps some
            }
            if (isNoAnswer(t)) {
                return unavailable(t);
            }
        }
        return HearthException.from(failure);
    }

    private static HearthException told(PgException answer) {
        return told(answer.getSqlState(), answer);
    }

    private static HearthException told(@Nullable String state, Throwable answer) {
        if (UNIQUE_VIOLATION.equals(state)) {
            return new HearthException(
                    ErrorKind.CONFLICT,
                    "deploy-in-progress",
                    "the service was deployed from elsewhere at the same time; look at it with"
                            + " `hearth describe` and deploy again if still needed",
                    answer);
        }
        if (FOREIGN_KEY_VIOLATION.equals(state)) {
            return new HearthException(
                    ErrorKind.CONFLICT,
                    "deleted-meanwhile",
                    "the project, or what else this belongs to, was deleted at the same time",
                    answer);
        }
        return state != null && SERVER_CLASSES.contains(state.substring(0, 2))
                ? unavailable(answer)
                : HearthException.from(answer);
    }

    /** The pool reports an acquire that took too long as a NoStackTraceThrowable. */
    private static boolean isNoAnswer(Throwable t) {
        return t instanceof TimeoutException
                || t instanceof IOException
                || t instanceof VertxException
                || t instanceof NoStackTraceThrowable;
    }

    static HearthException unavailable(Throwable cause) {
        String what = cause.getMessage();
        return new HearthException(
                ErrorKind.UNAVAILABLE,
                "database-unavailable",
                "the catalog's database did not answer ("
                        + (what == null || what.isBlank() ? cause.getClass().getSimpleName() : what)
                        + "); what is deployed goes on serving; try again when PostgreSQL is back",
                cause);
    }
}
