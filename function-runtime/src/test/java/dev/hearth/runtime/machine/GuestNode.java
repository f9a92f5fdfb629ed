package dev.hearth.runtime.machine;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.LogPage;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.Warmth;
import dev.hearth.imagecache.ImageConfig;
import dev.hearth.imagecache.StoredImage;
import dev.hearth.runtime.app.NodeAgent;
import dev.hearth.runtime.app.NodeSettings;
import dev.hearth.runtime.cgroup.Cgroup;
import dev.hearth.runtime.cgroup.CgroupHost;
import dev.hearth.runtime.instance.InstanceLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The node agent inside the virtual machine, with one image: busybox. */
final class GuestNode {
    static final String SERVER = "echo started; exec httpd -f -p $PORT -h /www";
    static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final Path DATA = Path.of("/data");
    private static final int PROCESSES = 64;

    private final NodeAgent agent;
    private final BlockingQueue<InstanceExit> exits = new LinkedBlockingQueue<>();

    private GuestNode(NodeAgent agent) {
        this.agent = agent;
        agent.onExit(exits::add);
        agent.start();
    }

    static GuestNode start() throws IOException {
        Path layers = Files.createDirectories(DATA.resolve("layers"));
        Path base = layers.resolve("base");
        Files.createDirectories(base.resolve("bin"));
        Files.createDirectories(base.resolve("www"));
        Files.copy(Path.of("/bin/busybox"), base.resolve("bin/busybox"));
        for (String name : List.of("sh", "httpd", "cat", "sleep")) {
            Files.createSymbolicLink(base.resolve("bin/" + name), Path.of("busybox"));
        }
        ImageConfig config =
                new ImageConfig(
                        List.of("/bin/sh", "-c"),
                        List.of(SERVER),
                        List.of(),
                        "",
                        "/www",
                        Set.of(),
                        Map.of());
        StoredImage image =
                new StoredImage(Digest.sha256("0".repeat(64)), config, List.of(base), 0);
        InstanceLimits limits =
                new InstanceLimits(Duration.ofSeconds(60), Duration.ofSeconds(2), PROCESSES);
        return new GuestNode(
                new NodeAgent(
                        new NodeSettings(DATA, layers, 1, 1, 1 << 20, limits, "", List.of()),
                        digest -> image,
                        Clock.system()));
    }

    /** Runs {@code script} beside a server that makes the instance ready. */
    StartedInstance run(String name, String memory, String script) {
        RevisionSpec revision =
                new RevisionSpec(
                        new RevisionName(name + "-00001-abc"),
                        new ServiceName(name),
                        "test",
                        Digest.sha256("0".repeat(64)),
                        new ContainerSpec(
                                List.of(), List.of(script + " " + SERVER), Map.of(), 8080),
                        new Resources(new Cpu(500), DataSize.parse(memory)),
                        new Scaling(80, 0, 10, Duration.ofSeconds(60)),
                        Egress.DEFAULT,
                        Duration.ofSeconds(60),
                        Instant.EPOCH);
        return agent.start(revision).toCompletableFuture().join();
    }

    void stop(StartedInstance instance) {
        agent.stop(instance.id(), StopReason.REQUESTED).toCompletableFuture().join();
    }

    void setCpu(StartedInstance instance, Cpu quota) {
        agent.setCpu(instance.id(), quota, false);
    }

    /** Down the warm ladder, as the gateway does it. */
    void rest(StartedInstance instance, Warmth warmth) {
        agent.setCpu(instance.id(), new Cpu(50), true);
        agent.freeze(instance.id(), warmth);
    }

    void wake(StartedInstance instance) {
        agent.setCpu(instance.id(), new Cpu(500), false);
        agent.thaw(instance.id()).toCompletableFuture().join();
    }

    /** Compressed memory as swap. */
    void swapOn() {
        Programs.run(
                Path.of("/"),
                "sh",
                "-ec",
                "modprobe zram; echo 64M > /sys/block/zram0/disksize;"
                        + " mkswap /dev/zram0 >/dev/null; swapon /dev/zram0");
    }

    void swapOff() {
        Programs.run(Path.of("/"), "sh", "-ec", "swapoff /dev/zram0");
    }

    InstanceView view(StartedInstance instance) {
        return agent.instances().stream()
                .filter(v -> v.id().equals(instance.id()))
                .findFirst()
                .orElseThrow();
    }

    String log(String service) {
        StringBuilder text = new StringBuilder();
        for (LogPage.Line line : agent.logs(new ServiceName(service), "", 1000).lines()) {
            text.append(line.text()).append('\n');
        }
        return text.toString();
    }

    InstanceExit exit(InstanceId id) throws InterruptedException {
        while (true) {
            InstanceExit exit = exits.poll(60, TimeUnit.SECONDS);
            if (exit == null) {
                throw new AssertionError("instance " + id + " did not end within a minute");
            }
            if (exit.id().equals(id)) {
                return exit;
            }
        }
    }

    /** The parent of the instances' groups. */
    static Path parent() throws IOException {
        try (var groups = Files.list(CGROUPS)) {
            return groups.filter(p -> p.getFileName().toString().startsWith("hearth-"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no hearth- group in " + CGROUPS));
        }
    }

    static CgroupHost host(String parent) throws IOException {
        return CgroupHost.detect(Files.readAllLines(Path.of("/proc/self/mountinfo")), parent);
    }

    /** The instance's group, by its own interface and by its directory. */
    Cgroup group(StartedInstance instance) throws IOException {
        for (Cgroup group : host(parent().getFileName().toString()).existing()) {
            if (group.processes().contains(view(instance).pid())) {
                return group;
            }
        }
        throw new AssertionError("no group has the init of " + instance.id());
    }

    Path directory(StartedInstance instance) throws IOException {
        return group(instance).joinFiles().getFirst();
    }

    void close() {
        agent.stop();
    }
}
