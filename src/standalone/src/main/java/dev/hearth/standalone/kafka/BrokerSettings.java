package dev.hearth.standalone.kafka;

import java.nio.file.Path;
import java.util.Properties;

/**
 * How the embedded broker runs: one KRaft node, both broker and controller, small and on loopback.
 *
 * @param storage where its log directories are
 * @param port for clients
 * @param controllerPort for itself
 */
record BrokerSettings(Path storage, int port, int controllerPort) {
    static final int NODE = 1;
    static final String CONTROLLER = "CONTROLLER";

    /** The broker as clients know it. */
    String address() {
        return "127.0.0.1:" + port;
    }

    /** In Kafka's own names, see its "Broker Configs" page; the defaults are for large machines. */
    Properties properties() {
        Properties p = new Properties();
        p.put("process.roles", "broker,controller");
        p.put("node.id", Integer.toString(NODE));
        p.put("log.dirs", storage.toString());
        p.put("controller.quorum.voters", NODE + "@127.0.0.1:" + controllerPort);
        p.put("controller.listener.names", CONTROLLER);
        p.put("listeners", "CLIENT://" + address() + ",CONTROLLER://127.0.0.1:" + controllerPort);
        p.put("advertised.listeners", "CLIENT://" + address());
        p.put("inter.broker.listener.name", "CLIENT");
        p.put("listener.security.protocol.map", "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT");

        p.put("auto.create.topics.enable", "false");
        p.put("offsets.topic.replication.factor", "1");
        p.put("offsets.topic.num.partitions", "1");
        p.put("transaction.state.log.replication.factor", "1");
        p.put("transaction.state.log.num.partitions", "1");
        p.put("transaction.state.log.min.isr", "1");
        p.put("share.coordinator.state.topic.replication.factor", "1");
        p.put("share.coordinator.state.topic.num.partitions", "1");
        p.put("share.coordinator.state.topic.min.isr", "1");

        p.put("num.network.threads", "1");
        p.put("num.io.threads", "2");
        p.put("background.threads", "1");
        p.put("num.recovery.threads.per.data.dir", "1");
        p.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
        p.put("log.segment.bytes", Integer.toString(16 << 20));
        p.put("log.index.size.max.bytes", Integer.toString(1 << 20));
        p.put("metadata.log.segment.bytes", Integer.toString(16 << 20));
        p.put("metadata.max.retention.bytes", Integer.toString(32 << 20));
        // A consumer of ours is alone in its group: nobody to wait for.
        p.put("group.initial.rebalance.delay.ms", "0");
        // Without followers there is no high watermark to push along twice a second.
        p.put("metadata.max.idle.interval.ms", "0");
        return p;
    }
}
