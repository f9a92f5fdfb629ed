package dev.hearth.standalone.postgres;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.standalone.data.AdminToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;

/**
 * A database cluster on disk with one database, {@code hearth}, which belongs to the role {@code
 * hearth}. The superuser cannot log in at all.
 *
 * @param directory PostgreSQL's data directory
 * @param password of the role; random, never leaves this machine
 */
record Cluster(Path directory, String password) {
    static final String DATABASE = "hearth";

    private static final Duration DEADLINE = Duration.ofSeconds(60);

    /**
     * Small and durable: a catalog of a few thousand rows, two dozen connections. {@code
     * wal_level=minimal} needs {@code max_wal_senders=0}; {@code io_method=sync} saves three worker
     * processes.
     */
    private static final String SETTINGS =
            """
            listen_addresses = '127.0.0.1'
            unix_socket_directories = ''
            password_encryption = 'scram-sha-256'
            max_connections = 24
            shared_buffers = 32MB
            work_mem = 2MB
            maintenance_work_mem = 16MB
            huge_pages = off
            io_method = sync
            max_logical_replication_workers = 0
            max_worker_processes = 0
            max_parallel_workers = 0
            autovacuum_worker_slots = 1
            autovacuum_max_workers = 1
            jit = off
            fsync = on
            synchronous_commit = on
            wal_level = minimal
            max_wal_senders = 0
            min_wal_size = 32MB
            max_wal_size = 128MB
            log_min_messages = warning
            log_timezone = 'UTC'
            timezone = 'UTC'
            """;

    private static final String WHO_MAY_LOG_IN = "host hearth hearth 127.0.0.1/32 scram-sha-256\n";

    /**
     * The cluster under {@code parent}, made unless an earlier call did. Made beside its place and
     * synced before it is renamed, so that a start that was cut short is begun again.
     *
     * @param log gets what PostgreSQL's programs print
     */
    static Cluster in(Path parent, Distribution programs, Commands commands, Path log) {
        Path directory = parent.resolve("cluster");
        String password = passwordIn(parent);
        try {
            if (!Files.isDirectory(directory)) {
                Path draft = parent.resolve("cluster.new");
                Distribution.deleteTree(draft);
                make(draft, password, programs, commands, log);
                Files.move(draft, directory, StandardCopyOption.ATOMIC_MOVE);
            }
            return new Cluster(directory, password);
        } catch (IOException e) {
            throw new HearthException(
                    ErrorKind.INTERNAL,
                    "postgres-failed",
                    "making the embedded database in " + directory + " failed: " + e,
                    e);
        }
    }

    /** The role's password, made at the first call. */
    static String passwordIn(Path parent) {
        return AdminToken.secret(parent.resolve("password"));
    }

    private static void make(
            Path draft, String password, Distribution programs, Commands commands, Path log)
            throws IOException {
        String initdb = programs.program("initdb");
        commands.run(
                List.of(
                        initdb,
                        "--pgdata=" + draft,
                        "--username=postgres",
                        "--auth=reject",
                        "--encoding=UTF8",
                        "--locale=C",
                        "--locale-provider=builtin",
                        "--builtin-locale=C.UTF-8",
                        "--wal-segsize=4",
                        "--no-sync",
                        "--no-instructions"),
                "",
                log,
                DEADLINE);
        Files.writeString(draft.resolve("postgresql.conf"), SETTINGS);
        Files.writeString(draft.resolve("pg_hba.conf"), WHO_MAY_LOG_IN);
        commands.run(
                List.of(
                        programs.program("postgres"),
                        "--single",
                        "-D",
                        draft.toString(),
                        "postgres"),
                // The password is base64url: nothing in it needs quoting.
                "CREATE ROLE hearth LOGIN PASSWORD '"
                        + password
                        + "'\nCREATE DATABASE hearth OWNER hearth\n",
                log,
                DEADLINE);
        commands.run(
                List.of(initdb, "--pgdata=" + draft, "--sync-only", "--sync-method=syncfs"),
                "",
                log,
                DEADLINE);
    }
}
