package dev.hearth.runtime.app;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.imagecache.ImageConfig;
import dev.hearth.imagecache.StoredImage;
import dev.hearth.runtime.instance.InstanceLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A node whose one image is busybox. As a program: a runtime of its own that starts an instance,
 * tells its id, process and address and how many there are, and lives until it is killed.
 */
final class BusyboxNode {
    /** Answers every request with its process's environment, and writes a line every 50 ms. */
    static final String SERVER =
            "(while sleep 0.05; do echo tick; done) & exec httpd -f -p $PORT -h /www";

    private BusyboxNode() {}

    /** Starts an instance with the data directory given, and waits for its end. */
    public static void main(String[] args) throws Exception {
        NodeAgent agent = agent(Path.of(args[0]));
        agent.start();
        StartedInstance started =
                agent.start(revision("survivor", SERVER)).toCompletableFuture().join();
        InstanceView view =
                agent.instances().stream()
                        .filter(v -> v.id().equals(started.id()))
                        .findFirst()
                        .orElseThrow();
        System.out.printf(
                "started %s %d %s %d%n",
                view.id(), view.pid(), view.host(), agent.instances().size());
        Thread.sleep(Duration.ofMinutes(5));
    }

    /** A data directory with the image in it. */
    static void prepare(Path data) throws IOException {
        Path base = Files.createDirectories(base(data));
        Files.createDirectories(base.resolve("bin"));
        Files.createDirectories(base.resolve("www"));
        Files.writeString(base.resolve("www/index.html"), "hello\n");
        Files.copy(Path.of("/bin/busybox"), base.resolve("bin/busybox"));
        for (String name : List.of("sh", "httpd", "sleep")) {
            Files.createSymbolicLink(base.resolve("bin/" + name), Path.of("busybox"));
        }
    }

    private static Path base(Path data) {
        return data.resolve("images/layers/base");
    }

    static NodeAgent agent(Path data) {
        StoredImage image =
                new StoredImage(
                        Digest.sha256("0".repeat(64)),
                        new ImageConfig(
                                List.of("/bin/sh", "-c"),
                                List.of(SERVER),
                                List.of(),
                                "",
                                "/www",
                                Set.of(),
                                Map.of()),
                        List.of(base(data)),
                        0);
        NodeSettings settings =
                new NodeSettings(
                        data,
                        data.resolve("images/layers"),
                        2,
                        2,
                        1 << 20,
                        new InstanceLimits(Duration.ofSeconds(20), Duration.ofSeconds(2), 256),
                        "",
                        List.of());
        return new NodeAgent(settings, digest -> image, Clock.system());
    }

    static RevisionSpec revision(String name, String command) {
        return new RevisionSpec(
                new RevisionName(name + "-00001-abc"),
                new ServiceName(name),
                "test",
                Digest.sha256("0".repeat(64)),
                new ContainerSpec(List.of(), List.of(command), Map.of("SECRET", "s3cret"), 8080),
                new Resources(new Cpu(500), DataSize.mebibytes(64)),
                new Scaling(80, 0, 10, Duration.ofSeconds(60)),
                Egress.DEFAULT,
                Duration.ofSeconds(20),
                Instant.EPOCH);
    }
}
