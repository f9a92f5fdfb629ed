package dev.hearth.autoscaler.app;

import java.nio.file.Files;
import java.nio.file.Path;
import kafka.Kafka;
import org.apache.kafka.common.Uuid;

/** A Kafka broker in a JVM of its own: formats its directory at first, then serves. */
final class BrokerMain {
    private BrokerMain() {}

    /** Arguments: the properties file and the directory. */
    public static void main(String[] args) throws Exception {
        if (!Files.exists(Path.of(args[1], "meta.properties"))) {
            String[] format = {"format", "-t", Uuid.randomUuid().toString(), "-c", args[0]};
            if (kafka.tools.StorageTool.execute(format, System.out) != 0) {
                System.exit(1);
            }
        }
        Kafka.main(new String[] {args[0]});
    }
}
