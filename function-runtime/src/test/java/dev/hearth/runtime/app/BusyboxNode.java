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
import dev.hearth.contracts.Warmth;
import dev.hearth.imagecache.ImageConfig;
import dev.hearth.imagecache.StoredImage;
import dev.hearth.runtime.instance.InstanceLimits;
import dev.hearth.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A node whose one image is busybox. As a program: a runtime of its own that starts an instance,
 * tells its id, process and address and how many there are, and lives until it is killed.
 */
final class BusyboxNode {
    /** Answers every request with its process's environment, and writes a line every 50 ms. */
    static final String SERVER =
            "(while sleep 0.05; do echo tick; done) & exec httpd -f -p $PORT -h /www";

    private static final List<String> APPLETS =
            List.of("sh", "httpd", "cat", "grep", "id", "sleep", "dd", "wget", "tail", "ls");

    private BusyboxNode() {}

    /**
     * Starts an instance with the data directory given, freezes it when a second argument says so,
     * and waits for its end.
     */
    public static void main(String[] args) throws Exception {
        NodeAgent agent = agent(Path.of(args[0]));
        agent.start();
        StartedInstance started =
                agent.start(revision("survivor", SERVER)).toCompletableFuture().join();
        if (args.length > 1) {
            agent.freeze(started.id(), Warmth.FROZEN);
            Eventually.until(() -> view(agent, started).state().equals("frozen"));
        }
        InstanceView view = view(agent, started);
        System.out.printf(
                "started %s %d %s %d%n",
                view.id(), view.pid(), view.host(), agent.instances().size());
        Thread.sleep(Duration.ofMinutes(5));
    }

    private static InstanceView view(NodeAgent agent, StartedInstance started) {
        return agent.instances().stream()
                .filter(v -> v.id().equals(started.id()))
                .findFirst()
                .orElseThrow();
    }

    /** A data directory with the image in it. */
    static void prepare(Path data) throws IOException {
        Path base = Files.createDirectories(base(data));
        Files.createDirectories(base.resolve("bin"));
        Files.createDirectories(base.resolve("www"));
        Files.writeString(base.resolve("www/index.html"), "hello\n");
        Files.copy(Path.of("/bin/busybox"), base.resolve("bin/busybox"));
        for (String name : APPLETS) {
            Files.createSymbolicLink(base.resolve("bin/" + name), Path.of("busybox"));
        }
        Files.createDirectories(base.resolve("etc"));
        Files.writeString(base.resolve("etc/passwd"), "app:x:1234:1235::/home/app:/bin/sh\n");
        Files.writeString(base.resolve("etc/group"), "app:x:1235:\nextra:x:77:app\n");
    }

    private static Path base(Path data) {
        return data.resolve("images/layers/base");
    }

    /** Keeps two slots, and two loaded ones; its image runs {@link #SERVER}. */
    static NodeAgent agent(Path data) {
        return agent(data, SERVER, 1 << 20);
    }

    /** The same, with a proc(5) of the test's own. */
    static NodeAgent agent(Path data, Path proc) {
        return agent(data, SERVER, 1 << 20, proc);
    }

    static NodeAgent agent(Path data, String server, long logBytes) {
        return agent(data, server, logBytes, Path.of("/proc"));
    }

    /** One whose image runs as a user. */
    static NodeAgent agentAs(Path data, String user) {
        return agent(data, SERVER, 1 << 20, Path.of("/proc"), user);
    }

    private static NodeAgent agent(Path data, String server, long logBytes, Path proc) {
        return agent(data, server, logBytes, proc, "");
    }

    private static NodeAgent agent(
            Path data, String server, long logBytes, Path proc, String user) {
        StoredImage image =
                new StoredImage(
                        Digest.sha256("0".repeat(64)),
                        new ImageConfig(
                                List.of("/bin/sh", "-c"),
                                List.of(server),
                                List.of(),
                                user,
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
                        logBytes,
                        new InstanceLimits(Duration.ofSeconds(20), Duration.ofSeconds(2), 256),
                        "",
                        List.of());
        return new NodeAgent(settings, digest -> image, proc, Clock.system());
    }

    /** The links and control groups of the node that are still there. */
    static List<String> leftovers(Path data) throws IOException {
        String platform = PlatformId.of(data);
        try (Stream<Path> links = Files.list(Path.of("/sys/class/net"));
                Stream<Path> groups = Files.walk(Path.of("/sys/fs/cgroup"), 2)) {
            return Stream.concat(links, groups)
                    .map(Path::toString)
                    .filter(
                            p ->
                                    p.contains("h" + platform + "-")
                                            || p.contains("hearth-" + platform))
                    .toList();
        }
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
