package dev.hearth.standalone;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.standalone.data.AdminToken;
import dev.hearth.standalone.data.DataDirectory;
import dev.hearth.standalone.data.SecretsKey;
import dev.hearth.standalone.kafka.EmbeddedKafka;
import dev.hearth.standalone.options.DatabaseUrl;
import dev.hearth.standalone.options.Settings;
import dev.hearth.standalone.postgres.EmbeddedPostgres;
import java.io.IOException;
import java.util.Properties;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What this process owns outside of Quarkus: the data directory and the embedded servers. Closing
 * it frees them.
 *
 * <p>PostgreSQL starts on a thread of its own while Quarkus boots, because each takes a second or
 * two; Kafka starts when requests are served already.
 */
final class Launch implements AutoCloseable {
    /** Of the start that is under way on this thread; how HearthApplication gets at it. */
    static final ScopedValue<Launch> CURRENT = ScopedValue.newInstance();

    private final Settings settings;
    private final DataDirectory data;
    private final AtomicBoolean stopping;
    private final DatabaseUrl database;
    private final @Nullable FutureTask<EmbeddedPostgres> postgres;
    private final @Nullable EmbeddedKafka kafka;

    private Launch(
            Settings settings,
            DataDirectory data,
            AtomicBoolean stopping,
            DatabaseUrl database,
            @Nullable FutureTask<EmbeddedPostgres> postgres,
            @Nullable EmbeddedKafka kafka) {
        this.settings = settings;
        this.data = data;
        this.stopping = stopping;
        this.database = database;
        this.postgres = postgres;
        this.kafka = kafka;
    }

    /**
     * Begins to start PostgreSQL, if ours is wanted, and plans Kafka; owns {@code data} from now
     * on.
     */
    static Launch begin(
            Settings settings, DataDirectory data, AtomicBoolean stopping, Clock clock) {
        EmbeddedKafka kafka =
                settings.kafka() != null
                        ? null
                        : new EmbeddedKafka(
                                data.kafka(),
                                data.logs(),
                                EmbeddedPostgres.freePort(),
                                EmbeddedPostgres.freePort(),
                                clock);
        if (settings.database() != null) {
            return new Launch(settings, data, stopping, settings.database(), null, kafka);
        }
        int port = EmbeddedPostgres.freePort();
        DatabaseUrl database = EmbeddedPostgres.address(data.postgres(), port);
        FutureTask<EmbeddedPostgres> postgres =
                new FutureTask<>(
                        () -> EmbeddedPostgres.start(data.postgres(), data.logs(), port, clock));
        Thread.ofPlatform().name("embedded-postgres").start(postgres);
        return new Launch(settings, data, stopping, database, postgres, kafka);
    }

    /** Whether the process was told to end; a start that fails from then on is no news. */
    boolean isStopping() {
        return stopping.get();
    }

    Settings settings() {
        return settings;
    }

    /** What the rooms and Quarkus are to know, as MicroProfile keys. */
    Properties configuration() {
        Properties p = new Properties();
        p.put("hearth.data", data.root().toString());
        p.put("hearth.http-port", Integer.toString(settings.httpPort()));
        p.put("hearth.admin-port", Integer.toString(settings.adminPort()));
        p.put("hearth.domain", settings.domain());
        p.put("hearth.admin-token", AdminToken.of(data.root()));
        p.put("hearth.registry-token", AdminToken.ofRegistry(data.root()));
        p.put("hearth.invoker-token", AdminToken.ofInvokers(data.root()));
        if (System.getenv("HEARTH_SECRETS_KEY") == null) {
            p.put("hearth.secrets-key", SecretsKey.of(data.root()));
        }
        p.put("quarkus.http.host", "127.0.0.1");
        p.put("quarkus.http.port", Integer.toString(settings.adminPort()));
        p.put("quarkus.datasource.reactive.url", database.url());
        p.put("quarkus.datasource.username", database.user());
        p.put("quarkus.datasource.password", database.password());
        p.put("kafka.bootstrap.servers", kafka != null ? kafka.address() : brokers());
        p.put("quarkus.log.file.path", data.logs().resolve("hearth.log").toString());
        Settings.Tls tls = settings.tls();
        if (tls != null) {
            p.put("hearth.https-port", Integer.toString(tls.port()));
        }
        switch (tls) {
            case null -> {}
            case Settings.TlsFiles files -> {
                p.put("hearth.tls.certificates", files.certificates());
                p.put("hearth.tls.keys", files.keys());
            }
            case Settings.TlsAcme acme -> {
                p.put("hearth.acme.domains", acme.names());
                putIfGiven(p, "hearth.acme.email", acme.email());
                putIfGiven(p, "hearth.acme.directory", acme.directory());
                putIfGiven(p, "hearth.acme.ca", acme.ca());
            }
        }
        putIfGiven(p, "hearth.trusted-proxies", settings.proxies());
        putIfGiven(p, "hearth.runtime.dns", settings.dns());
        String otlp = settings.otlp();
        p.put("quarkus.otel.sdk.disabled", Boolean.toString(otlp == null));
        if (otlp != null) {
            p.put("quarkus.otel.exporter.otlp.endpoint", otlp);
        }
        return p;
    }

    private static void putIfGiven(Properties p, String key, @Nullable String value) {
        if (value != null) {
            p.put(key, value);
        }
    }

    private String brokers() {
        String given = settings.kafka();
        return given == null ? "" : given;
    }

    /** Blocks until PostgreSQL takes connections; throws what kept it from it. */
    void awaitDatabase() {
        if (postgres == null) {
            return;
        }
        try {
            postgres.get();
        } catch (ExecutionException | CancellationException e) {
            throw HearthException.from(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HearthException(
                    ErrorKind.UNAVAILABLE, "platform-stopping", "the start was interrupted", e);
        }
    }

    /** Begins to start Kafka, if ours is wanted. */
    void startKafka() {
        if (kafka != null) {
            kafka.start();
        }
    }

    /** Stops Kafka, then PostgreSQL, then lets go of the data directory. */
    @Override
    public void close() throws IOException {
        try (data) {
            try {
                if (kafka != null) {
                    kafka.close();
                }
            } finally {
                closePostgres();
            }
        }
    }

    private void closePostgres() {
        if (postgres == null) {
            return;
        }
        try {
            postgres.get().close();
        } catch (ExecutionException neverStarted) {
            // awaitDatabase told it, and what was half-started has stopped itself
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
