package dev.hearth.imagecache.sbom;

import dev.hearth.imagecache.rootfs.BadFileException;
import dev.hearth.imagecache.rootfs.ImageFile;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.sqlite.JDBC;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.SQLiteLimits;

/**
 * An rpm database in SQLite: a table {@code Packages} of which each row's {@code blob} is a
 * package's header.
 *
 * <p>The file is a stranger's. It is opened read-only and as one that cannot change (so that SQLite
 * neither writes nor looks for a journal beside it), with what <a
 * href="https://sqlite.org/security.html">SQLite advises</a> for such files, and the work that one
 * query may do is bounded.
 */
final class RpmSqlite {
    /** The largest headers, of firmware and kernel packages, have some 3 MiB. */
    private static final int MOST_ROW_BYTES = 16 << 20;

    private static final int MOST_ROWS = 2 * Inventory.MOST_PACKAGES;
    private static final int MOST_SCHEMA_CHARACTERS = 64 * 1024;
    private static final int OPERATIONS_A_STEP = 10_000;

    /** With the above 50 million operations: a second or so; a large database needs one million. */
    private static final int MOST_STEPS = 5_000;

    private RpmSqlite() {}

    /** Takes one package's header. */
    interface Taker {
        void take(byte[] blob) throws IOException;
    }

    static void each(ImageFile file, Taker taker) throws IOException {
        loadDriver();
        // The URI's escapes keep an odd name in the layer from adding parameters of its own.
        String url =
                JDBC.PREFIX + "file:" + file.path().toUri().getRawPath() + "?mode=ro&immutable=1";
        try (SQLiteConnection connection = JDBC.createConnection(url, properties())) {
            connection.setLimit(SQLiteLimits.SQLITE_LIMIT_LENGTH, MOST_ROW_BYTES);
            ProgressHandler.setHandler(connection, OPERATIONS_A_STEP, new Bound());
            distrust(connection);
            requireTable(connection, file);
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT blob FROM Packages")) {
                long left = file.bytes();
                for (int row = 1; rows.next(); row++) {
                    byte[] blob = rows.getBytes(1);
                    byte[] header = blob == null ? new byte[0] : blob;
                    left -= header.length;
                    // Pages can be made to point at one another, so that a small file has no end.
                    if (row > MOST_ROWS || left < 0) {
                        throw new BadFileException(
                                "its " + file.name() + " has more packages than it can hold");
                    }
                    taker.take(header);
                }
            }
        } catch (SQLException e) {
            throw new BadFileException(
                    "its " + file.name() + " is not a sound rpm database (" + e.getMessage() + ")");
        }
    }

    private static void distrust(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA trusted_schema = OFF");
            statement.execute("PRAGMA cell_size_check = ON");
        }
    }

    /** A view or a virtual table of that name would run what its maker wants. */
    private static void requireTable(Connection connection, ImageFile file)
            throws SQLException, BadFileException {
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT 1 FROM sqlite_schema WHERE name = 'Packages'"
                                        + " AND type = 'table' AND length(sql) < "
                                        + MOST_SCHEMA_CHARACTERS
                                        + " AND sql LIKE 'CREATE TABLE %'")) {
            if (!rows.next()) {
                throw new BadFileException(
                        "its " + file.name() + " is not an rpm database (no table Packages)");
            }
        }
    }

    private static Properties properties() {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.enableLoadExtension(false);
        config.setPragma(SQLiteConfig.Pragma.MMAP_SIZE, "0");
        return config.toProperties();
    }

    /** Whatever is wrong with the driver itself is not the image's fault. */
    private static void loadDriver() throws IOException {
        try {
            SQLiteJDBCLoader.initialize();
        } catch (Exception e) {
            throw new IOException("SQLite's library cannot be loaded: " + e.getMessage(), e);
        }
    }

    private static final class Bound extends ProgressHandler {
        private int steps;

        @Override
        protected int progress() {
            return ++steps > MOST_STEPS ? 1 : 0;
        }
    }
}
