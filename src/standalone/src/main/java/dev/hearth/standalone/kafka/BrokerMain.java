package dev.hearth.standalone.kafka;

import dev.hearth.contracts.Topics;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.Logger;

/**
 * The child JVM: arguments are the storage directory, the clients' port and the controller's port.
 * Prints one line, {@value #READY}, when clients can be served.
 *
 * <p>Its standard input is a pipe whose other end only the parent has. When the parent closes it,
 * or dies in whatever way, reading ends and the broker shuts down: it can never outlive the parent.
 */
public final class BrokerMain {
    static final String READY = "ready";

    /** A clean shutdown takes half a second; what is not flushed is recovered at the next start. */
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(5);

    private static final Duration TOPICS_DEADLINE = Duration.ofSeconds(60);

    /** How long demand and decisions can be looked back at, see {@code hearth explain}. */
    private static final Duration RETENTION = Duration.ofDays(1);

    /** Of each topic on disk, whatever its age. */
    private static final int RETENTION_BYTES = 256 << 20;

    private BrokerMain() {}

    /** Watch the parent, format, start, make the topics, say so, serve. */
    public static void main(String[] args) throws Exception {
        PrintStream parent = System.out;
        System.setOut(System.err);
        Logger.getLogger("").setLevel(Level.WARN);
        BrokerSettings settings =
                new BrokerSettings(
                        Path.of(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
        Thread.ofPlatform().name("parent-watch").daemon().start(() -> stopWithParent(System.in));
        format(settings);
        KafkaRaftServer server =
                new KafkaRaftServer(
                        KafkaConfig.fromProps(settings.properties(), false), Time.SYSTEM);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "shutdown"));
        server.startup();
        makeTopics(settings);
        parent.println(READY);
        parent.flush();
        server.awaitShutdown();
    }

    private static void stopWithParent(InputStream pipe) {
        try {
            while (pipe.read() >= 0) {
                // The parent never writes; anything but the end is passed over.
            }
        } catch (IOException broken) {
            System.err.println("the pipe to the parent broke: " + broken);
        }
        Thread.ofPlatform().daemon().start(BrokerMain::haltAfterDeadline);
        System.exit(0);
    }

    private static void haltAfterDeadline() {
        try {
            Thread.sleep(STOP_DEADLINE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(0);
    }

    private static void format(BrokerSettings settings) throws Exception {
        if (Files.exists(settings.storage().resolve("meta.properties"))) {
            return;
        }
        String storage = settings.storage().toString();
        new Formatter()
                .setPrintStream(System.err)
                .setClusterId(Uuid.randomUuid().toString())
                .setNodeId(BrokerSettings.NODE)
                .setControllerListenerName(BrokerSettings.CONTROLLER)
                .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                .setUnstableFeatureVersionsEnabled(false)
                .setIgnoreFormatted(true)
                .setMetadataLogDirectory(storage)
                .addDirectory(storage)
                .run();
    }

    private static void makeTopics(BrokerSettings settings)
            throws InterruptedException, ExecutionException, TimeoutException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", settings.address()))) {
            for (String name : List.of(Topics.DEMAND, Topics.DECISIONS, Topics.DEAD_LETTERS)) {
                makeTopic(admin, name, "delete");
            }
            makeTopic(admin, Topics.USAGE, "delete");
            makeTopic(admin, Topics.ALERTS, "delete");
            makeTopic(admin, Topics.INSTANCES, "compact,delete");
        }
    }

    /** With today's configuration, even if an older version of us made it. */
    private static void makeTopic(Admin admin, String name, String cleanup)
            throws InterruptedException, ExecutionException, TimeoutException {
        Map<String, String> configuration =
                Map.of(
                        "cleanup.policy", cleanup,
                        "retention.ms", Long.toString(RETENTION.toMillis()),
                        "segment.ms", Long.toString(RETENTION.toMillis() / 24),
                        "retention.bytes", Integer.toString(RETENTION_BYTES));
        try {
            admin.createTopics(List.of(new NewTopic(name, 1, (short) 1).configs(configuration)))
                    .all()
                    .get(TOPICS_DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
            List<AlterConfigOp> wanted =
                    configuration.entrySet().stream()
                            .map(c -> new ConfigEntry(c.getKey(), c.getValue()))
                            .map(c -> new AlterConfigOp(c, AlterConfigOp.OpType.SET))
                            .toList();
            admin.incrementalAlterConfigs(
                            Map.of(new ConfigResource(ConfigResource.Type.TOPIC, name), wanted))
                    .all()
                    .get(TOPICS_DEADLINE.toSeconds(), TimeUnit.SECONDS);
        }
    }
}
