package dev.hearth.runtime.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.imagecache.ImageConfig;
import dev.hearth.imagecache.StoredImage;
import dev.hearth.runtime.instance.InstanceLimits;
import dev.hearth.testing.SampleImages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;

/** A node agent on the real kernel whose image is the attacker of {@code src/testing/images}. */
final class ProbeNode implements AutoCloseable {
    private static final Digest ROOT = Digest.sha256("0".repeat(64));
    private static final Digest USER = Digest.sha256("1".repeat(64));
    private static final Path PROJECT =
            Path.of(System.getProperty("hearth.root", "..")).toAbsolutePath().normalize();

    /** The attacker's program, to be run on the host. */
    final Path program = SampleImages.layout(PROJECT, "probe").resolve("probe");

    final Path data;
    final BlockingQueue<InstanceExit> exits = new LinkedBlockingQueue<>();
    private final NodeAgent agent;

    /**
     * @param data empty, and with a short name
     */
    ProbeNode(Path data, String seccompProfile) throws IOException {
        this.data = data;
        Path layers = Files.createDirectories(data.resolve("images/layers"));
        Path base = Files.createDirectories(layers.resolve("probe"));
        Files.createDirectories(base.resolve("bin"));
        Files.copy(program, base.resolve("bin/probe"));
        Map<Digest, StoredImage> images =
                Map.of(ROOT, image(ROOT, "", base), USER, image(USER, "10001:10001", base));
        agent =
                new NodeAgent(
                        new NodeSettings(
                                data,
                                layers,
                                0,
                                0,
                                64 * 1024,
                                new InstanceLimits(
                                        Duration.ofSeconds(20), Duration.ofSeconds(1), 256),
                                seccompProfile,
                                List.of()),
                        images::get,
                        Clock.system());
        agent.onExit(exits::add);
        agent.start();
    }

    private static StoredImage image(Digest digest, String user, Path layer) {
        return new StoredImage(
                digest,
                new ImageConfig(
                        List.of("/bin/probe"), List.of(), List.of(), user, "/", Set.of(), Map.of()),
                List.of(layer),
                0);
    }

    /** Starts the attacker, or another command of its image. */
    StartedInstance start(String service, boolean asRoot, String... command) {
        RevisionSpec revision =
                new RevisionSpec(
                        new RevisionName(service + "-00001-abc"),
                        new ServiceName(service),
                        "test",
                        asRoot ? ROOT : USER,
                        new ContainerSpec(List.of(command), List.of(), Map.of(), 8080),
                        new Resources(new Cpu(1000), DataSize.parse("64Mi")),
                        new Scaling(80, 0, 10, Duration.ofSeconds(60)),
                        Egress.DEFAULT,
                        Duration.ofSeconds(20),
                        Instant.EPOCH);
        return agent.start(revision).toCompletableFuture().join();
    }

    void stop(StartedInstance instance) {
        agent.stop(instance.id(), StopReason.REQUESTED).toCompletableFuture().join();
    }

    /** One attempt; the lines that tell how it went. */
    static List<String> attempt(StartedInstance instance, String target) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(instance.host(), instance.port()), 2000);
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(
                            ("GET " + target + " HTTP/1.1\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 200");
            return answer.substring(answer.indexOf("\r\n\r\n") + 4).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<InstanceView> instances() {
        return agent.instances();
    }

    /** The launcher's process on the host. */
    Path launcher() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            return all.filter(p -> p.getFileName().toString().matches("\\d+"))
                    .filter(p -> commandLine(p).contains(data + "/run/launcher.sock"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }

    @Override
    public void close() {
        agent.stop();
    }
}
