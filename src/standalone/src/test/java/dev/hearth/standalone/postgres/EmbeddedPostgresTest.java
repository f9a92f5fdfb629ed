package dev.hearth.standalone.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Clock;
import dev.hearth.standalone.options.DatabaseUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real server; the cases are one story, because unpacking takes a second. */
class EmbeddedPostgresTest {
    @TempDir Path home;

    @Test
    void start_firstAgainAndAfterAKill_keepsWhatWasCommitted() throws Exception {
        // First start: the version is the one the pom names, and only our role can log in.
        int port = EmbeddedPostgres.freePort();
        EmbeddedPostgres first = start(port);
        assertThat(ask(port, "show server_version")).isEqualTo(Distribution.VERSION);
        assertThat(ask(port, "select rolsuper from pg_roles where rolname = current_user"))
                .isEqualTo("f");
        ask(port, "create table kept as select 42 as answer; select 1");
        assertThatThrownBy(() -> log(port, "postgres", "").close())
                .isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> log(port, "hearth", "guess").close())
                .isInstanceOf(SQLException.class);

        // A clean stop leaves no process behind and no pid file.
        first.close();
        assertThat(pidFile()).doesNotExist();

        // Second start, on another port. Its owner is killed: nobody calls close.
        int secondPort = EmbeddedPostgres.freePort();
        start(secondPort);
        assertThat(ask(secondPort, "select answer from kept")).isEqualTo("42");
        ProcessHandle orphan = postmaster();

        // Third start finds the orphan, stops it and goes on.
        int thirdPort = EmbeddedPostgres.freePort();
        try (EmbeddedPostgres third = start(thirdPort)) {
            assertThat(orphan.isAlive()).isFalse();
            assertThat(ask(third.port(), "select answer from kept")).isEqualTo("42");

            // The server itself is killed.
            ProcessHandle server = postmaster();
            server.destroyForcibly();
            server.onExit().join();
        }

        // Fourth start: the pid file names a process that is not ours by now, which is left alone.
        Files.writeString(pidFile(), ProcessHandle.current().pid() + "\n" + home + "\n");
        int lastPort = EmbeddedPostgres.freePort();
        try (EmbeddedPostgres last = start(lastPort)) {
            assertThat(ask(last.port(), "select answer from kept")).isEqualTo("42");
        }
    }

    private EmbeddedPostgres start(int port) {
        EmbeddedPostgres.address(home, port);
        return EmbeddedPostgres.start(home, home.resolve("logs"), port, Clock.system());
    }

    private Path pidFile() {
        return home.resolve("cluster/postmaster.pid");
    }

    private ProcessHandle postmaster() throws Exception {
        String pid = Files.readAllLines(pidFile()).getFirst();
        return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    }

    private String ask(int port, String sql) throws SQLException {
        DatabaseUrl address = EmbeddedPostgres.address(home, port);
        try (Connection connection = log(port, address.user(), address.password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
            while (statement.getResultSet() == null) {
                statement.getMoreResults();
            }
            try (ResultSet rows = statement.getResultSet()) {
                rows.next();
                return rows.getString(1);
            }
        }
    }

    private Connection log(int port, String user, String password) throws SQLException {
        DatabaseUrl address = EmbeddedPostgres.address(home, port);
        return DriverManager.getConnection("jdbc:" + address.url(), user, password);
    }
}
