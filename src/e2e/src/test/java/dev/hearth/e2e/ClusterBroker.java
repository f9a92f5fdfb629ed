package dev.hearth.e2e;

import dev.hearth.contracts.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A Kafka broker in a JVM of its own, that other hosts reach: arguments are its storage, its
 * address and port, and its controller's port.
 */
final class ClusterBroker {
    private ClusterBroker() {}

    /** Starts one, and returns when it has the platform's topics. */
    static Process start(
            Path directory, String address, int port, int controllerPort, int partitions)
            throws Exception {
        Process kafka =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                ClusterBroker.class.getName(),
                                directory.resolve("kafka").toString(),
                                address,
                                Integer.toString(port),
                                Integer.toString(controllerPort))
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("kafka.log").toFile())
                        .redirectInput(Path.of("/dev/null").toFile())
                        .start();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address + ":" + port))) {
            if (!admin.listTopics().names().get(60, TimeUnit.SECONDS).contains(Topics.DEMAND)) {
                admin.createTopics(
                                Stream.of(
                                                Topics.DEMAND,
                                                Topics.DECISIONS,
                                                Topics.INSTANCES,
                                                Topics.USAGE,
                                                Topics.ALERTS,
                                                Topics.DEAD_LETTERS)
                                        .map(t -> new NewTopic(t, partitions, (short) 1))
                                        .toList())
                        .all()
                        .get(60, TimeUnit.SECONDS);
            }
        }
        return kafka;
    }

    public static void main(String[] args) throws Exception {
        Path storage = Files.createDirectories(Path.of(args[0]));
        String clients = args[1] + ":" + args[2];
        String controller = "127.0.0.1:" + args[3];
        Properties p = new Properties();
        p.put("process.roles", "broker,controller");
        p.put("node.id", "1");
        p.put("log.dirs", storage.toString());
        p.put("controller.quorum.voters", "1@" + controller);
        p.put("controller.listener.names", "CONTROLLER");
        p.put("listeners", "CLIENT://" + clients + ",CONTROLLER://" + controller);
        p.put("advertised.listeners", "CLIENT://" + clients);
        p.put("inter.broker.listener.name", "CLIENT");
        p.put("listener.security.protocol.map", "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        p.put("auto.create.topics.enable", "false");
        p.put("offsets.topic.replication.factor", "1");
        p.put("offsets.topic.num.partitions", "1");
        p.put("transaction.state.log.replication.factor", "1");
        p.put("transaction.state.log.min.isr", "1");
        p.put("group.initial.rebalance.delay.ms", "0");
        p.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
        if (!Files.exists(storage.resolve("meta.properties"))) {
            new Formatter()
                    .setPrintStream(System.err)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setNodeId(1)
                    .setControllerListenerName("CONTROLLER")
                    .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                    .setUnstableFeatureVersionsEnabled(false)
                    .setIgnoreFormatted(true)
                    .setMetadataLogDirectory(storage.toString())
                    .addDirectory(storage.toString())
                    .run();
        }
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(p, false), Time.SYSTEM);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "shutdown"));
        server.startup();
        server.awaitShutdown();
    }
}
