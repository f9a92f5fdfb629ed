package dev.hearth.runtime.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.HearthException;
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
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases 31 to 35 of SECURITY.md, "Hostile images": images that are hostile when they start. */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileImageTest {
    private static final String SERVER = "cat /proc/self/mountinfo; exec httpd -f -p $PORT -h /www";
    private static final List<String> SHELL = List.of("/bin/sh", "-c", SERVER);

    @TempDir static Path data;
    private final Map<Digest, StoredImage> images = new ConcurrentHashMap<>();
    private NodeAgent agent;
    private Path layers;
    private int made;

    @BeforeAll
    void startAgent() throws IOException {
        BusyboxNode.prepare(data);
        layers = data.resolve("images/layers");
        agent =
                new NodeAgent(
                        new NodeSettings(
                                data,
                                layers,
                                0,
                                0,
                                64 * 1024,
                                new InstanceLimits(
                                        Duration.ofSeconds(20), Duration.ofSeconds(2), 256),
                                "",
                                List.of()),
                        images::get,
                        Clock.system());
        agent.start();
    }

    @AfterAll
    void stopAgent() throws IOException {
        agent.stop();
        assertThat(BusyboxNode.leftovers(data)).isEmpty();
    }

    private StartedInstance start(
            String user, String directory, List<String> command, Path... more) {
        String number = Integer.toString(made++);
        Digest digest = Digest.sha256("0".repeat(64 - number.length()) + number);
        List<Path> stack = new java.util.ArrayList<>(List.of(layers.resolve("base")));
        stack.addAll(List.of(more));
        images.put(
                digest,
                new StoredImage(
                        digest,
                        new ImageConfig(
                                command, List.of(), List.of(), user, directory, Set.of(), Map.of()),
                        stack,
                        0));
        RevisionSpec revision =
                new RevisionSpec(
                        new RevisionName("hostile" + number + "-00001-abc"),
                        new ServiceName("hostile" + number),
                        "test",
                        digest,
                        new ContainerSpec(List.of(), List.of(), Map.of(), 8080),
                        new Resources(new Cpu(500), DataSize.mebibytes(64)),
                        new Scaling(80, 0, 10, Duration.ofSeconds(60)),
                        new Egress.None(),
                        Duration.ofSeconds(20),
                        Instant.EPOCH);
        return agent.start(revision).toCompletableFuture().join();
    }

    private void refused(String message, String user, String directory, String... command) {
        assertThatThrownBy(() -> start(user, directory, List.of(command)))
                .cause()
                .isInstanceOfSatisfying(
                        HearthException.class, e -> assertThat(e.kind().isCallersFault()).isTrue())
                .hasMessageContaining(message);
        assertThat(agent.instances()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"nobody-here", "-1", "4294967295", "0:-1", "app:nobody-here", "root;id"})
    void user_thatIsNone_refused(String user) {
        refused("neither in its /etc/passwd", user, "/", SHELL.toArray(String[]::new));
    }

    @Test
    void user_beyondTheContainersIds_refused() {
        refused("0 to 65534", "2147483647", "/", SHELL.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "7", "8", "9", "10", "16", "100"})
    void directory_leakedDescriptor_thereIsNone(String descriptor) {
        refused(
                "entering the working directory failed",
                "",
                "/proc/self/fd/" + descriptor,
                SHELL.toArray(String[]::new));
        refused(
                "entering the working directory failed",
                "",
                "/proc/self/fd/" + descriptor + "/../../..",
                SHELL.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/../../..", "/proc/1/root", "/proc/self/root/..", "/proc/self/cwd"})
    void directory_thatClimbs_endsAtTheContainersRoot(String directory) throws IOException {
        try {
            StartedInstance instance =
                    start(
                            "",
                            directory,
                            List.of("/bin/sh", "-c", "cat www/index.html; exec httpd -f -p $PORT"));
            assertThat(get(instance, "/www/index.html")).contains("hello");
            stop(instance);
        } catch (java.util.concurrent.CompletionException refused) {
            assertThat(refused.getCause())
                    .hasMessageContaining("entering the working directory failed");
        }
    }

    @Test
    void directory_thatIsAFile_refused() {
        refused("ENOTDIR", "", "/etc/passwd", SHELL.toArray(String[]::new));
        refused("ENOTDIR", "", "/etc/passwd/x", SHELL.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource({
        "/bin, not an executable file",
        "/etc/passwd, not an executable file",
        "/no/such, not in the image",
        "no-such, not in the image",
        "/hostile/lacks-interpreter, not in the image",
        "/hostile/interpreted-by-itself, executing the command failed",
        "/hostile/other-machine, not a program for this machine",
        "/hostile/cut-off, not a program for this machine",
        "/hostile/empty, not a program for this machine",
        "/hostile/loop, executing the command failed",
        "/dev/null, not an executable file"
    })
    void entrypoint_thatCannotRun_saysWhy(String command, String message) throws IOException {
        Path layer = Files.createDirectories(layers.resolve("entrypoints"));
        Path bin = Files.createDirectories(layer.resolve("hostile"));
        if (Files.notExists(bin.resolve("empty"))) {
            executable(bin.resolve("lacks-interpreter"), "#!/no/such/shell\n".getBytes());
            executable(
                    bin.resolve("interpreted-by-itself"),
                    "#!/hostile/interpreted-by-itself\n".getBytes());
            byte[] busybox = Files.readAllBytes(Path.of("/bin/busybox"));
            executable(bin.resolve("cut-off"), java.util.Arrays.copyOf(busybox, 60));
            byte[] other = busybox.clone();
            other[18] = 22; // e_machine of elf(5): EM_S390
            executable(bin.resolve("other-machine"), other);
            executable(bin.resolve("empty"), new byte[0]);
            Files.createSymbolicLink(bin.resolve("loop"), Path.of("loop"));
        }
        assertThatThrownBy(() -> start("", "/", List.of(command), layer))
                .cause()
                .isInstanceOfSatisfying(
                        HearthException.class, e -> assertThat(e.kind().isCallersFault()).isTrue())
                .hasMessageContaining(message);
        assertThat(agent.instances()).isEmpty();
    }

    private static void executable(Path file, byte[] content) throws IOException {
        Files.write(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void systemDirectories_asLinksToTheHost_hiddenAndNothingWritten() throws Exception {
        Path outside = Files.createDirectory(data.resolve("outside"));
        Path layer = Files.createDirectories(layers.resolve("links"));
        for (String name : List.of("proc", "dev", "sys", "tmp", "etc")) {
            Files.createSymbolicLink(layer.resolve(name), outside);
        }
        StartedInstance instance = start("", "/www", SHELL, layer);

        assertThat(get(instance, "/index.html")).contains("hello");
        assertThat(outside).isEmptyDirectory();
        stop(instance);
    }

    @ParameterizedTest
    @ValueSource(strings = {"proc", "dev", "sys", "tmp", "etc"})
    void systemDirectory_asAFile_hidden(String name) throws Exception {
        Path layer = Files.createDirectories(layers.resolve("file-" + name));
        Files.writeString(layer.resolve(name), "not a directory");
        StartedInstance instance = start("", "/www", SHELL, layer);

        assertThat(get(instance, "/index.html")).contains("hello");
        stop(instance);
    }

    @Test
    void passwd_asLinkToTheHosts_notRead() throws IOException {
        Path layer = Files.createDirectories(layers.resolve("passwd"));
        Files.createDirectories(layer.resolve("etc"));
        Files.createSymbolicLink(layer.resolve("etc/passwd"), Path.of("/etc/passwd"));
        Files.createSymbolicLink(layer.resolve("etc/group"), Path.of("/etc/shadow"));

        assertThatThrownBy(() -> start("daemon", "/", SHELL, layer))
                .cause()
                .hasMessageContaining("neither in its /etc/passwd");
    }

    private static String get(StartedInstance instance, String path) throws IOException {
        try (Socket socket = new Socket(instance.host(), instance.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(
                            ("GET " + path + " HTTP/1.0\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void stop(StartedInstance instance) {
        agent.stop(instance.id(), StopReason.REQUESTED).toCompletableFuture().join();
    }
}
