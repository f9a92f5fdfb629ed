package dev.hearth.runtime.launcher;

import static dev.hearth.testing.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.runtime.posix.Fd;
import dev.hearth.runtime.posix.PidFd;
import dev.hearth.runtime.posix.SeqpacketSocket;
import dev.hearth.runtime.seccomp.SeccompRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real launcher at whose socket somebody talks nonsense. */
@Tag("root")
class LauncherGarbageTest {
    private static final int CONNECTIONS = 60;
    private static final int MESSAGES = 40;

    @TempDir Path run;
    private final Random random = new Random(42);
    private ProcessHandle process = ProcessHandle.current();

    @BeforeEach
    void startLauncher() throws IOException {
        Path layers = Files.createDirectory(run.resolve("layers"));
        new LauncherProcess(run, layers, SeccompRules.load("")).start(0, new Unheard()).close();
        process =
                ProcessHandle.current()
                        .children()
                        .filter(p -> p.info().commandLine().orElse("").contains(run.toString()))
                        .findFirst()
                        .orElseThrow();
    }

    @AfterEach
    void stopLauncher() throws IOException {
        try (Launcher launcher = Launcher.connect(socket(), 0, new Unheard())) {
            assertThat(launcher.shutdown(10)).isTrue();
        }
    }

    /** Whatever a launcher says unasked. */
    private static final class Unheard implements Launcher.Events {
        @Override
        public void parked(int slot, int pid, PidFd pidfd) {
            pidfd.close();
        }

        @Override
        public void exited(Launcher.Exit exit) {}
    }

    private Path socket() {
        return run.resolve("launcher.sock");
    }

    private List<String> descriptors() {
        Path directory = Path.of("/proc/" + process.pid() + "/fd");
        try (Stream<Path> links = Files.list(directory)) {
            return links.map(LauncherGarbageTest::target).sorted().toList();
        } catch (IOException e) {
            return List.of(e.toString());
        }
    }

    /** What it leads to; sockets without their number, which is new with every client. */
    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString().replaceAll("socket:.*", "socket");
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    /** Noise, or a message with one thing wrong, or with nothing wrong but its meaning. */
    private byte[] message() {
        byte[] noise = new byte[1 + random.nextInt(120)];
        random.nextBytes(noise);
        if (random.nextInt(4) == 0) {
            return noise;
        }
        int type = random.nextInt(10) == 0 ? LauncherMessage.PREPARE : random.nextInt(64);
        if (type == LauncherMessage.SHUTDOWN) {
            type = LauncherMessage.START;
        }
        byte[] near =
                LauncherMessage.request(
                                type, random.nextLong(), random.nextInt(9000), random.nextInt(70))
                        .toBytes();
        if (random.nextInt(4) == 0) {
            near[random.nextInt(near.length)] ^= (byte) (1 << random.nextInt(8));
            // not into the one order that a launcher must obey
            near[6] = near[6] == LauncherMessage.SHUTDOWN ? 0 : near[6];
        }
        return random.nextInt(4) == 0
                ? java.util.Arrays.copyOf(near, 1 + random.nextInt(near.length))
                : near;
    }

    private void talkNonsense(Fd descriptor) throws IOException {
        try (SeqpacketSocket socket = SeqpacketSocket.connect(socket())) {
            Thread.ofPlatform().daemon().start(() -> drain(socket));
            for (int i = 0; i < MESSAGES; i++) {
                int flood = random.nextInt(3) == 0 ? random.nextInt(250) : random.nextInt(3);
                socket.send(message(), Collections.nCopies(flood, descriptor));
            }
        }
    }

    /** A client that reads nothing would only block itself. */
    private static void drain(SeqpacketSocket socket) {
        try {
            while (socket.receive(LauncherMessage.BYTES).message().length > 0) {
                // what it answers to nonsense is not looked at
            }
        } catch (IOException | IllegalStateException closed) {
            // by talkNonsense
        }
    }

    @Test
    void receive_garbageTruncationAndFloods_survivesWithoutLosingDescriptors() throws Exception {
        Fd descriptor = Fd.openForWriting(Path.of("/dev/null"));
        try (Launcher first = Launcher.connect(socket(), 0, new Unheard())) {
            List<String> before = descriptors();

            for (int i = 0; i < CONNECTIONS; i++) {
                talkNonsense(descriptor);
            }

            assertThat(first.ended()).as("the newest client wins").isDone();
            try (Launcher launcher = Launcher.connect(socket(), 0, new Unheard())) {
                until(
                        () -> descriptors() + " become again " + before,
                        Duration.ofSeconds(60), // network namespaces take turns, with others' too
                        () -> {
                            // Slots made by chance, for the last of them after all was said.
                            process.children().forEach(ProcessHandle::destroyForcibly);
                            return descriptors().equals(before);
                        });
                assertThat(process.isAlive()).isTrue();
                Launcher.Parked parked = launcher.prepare(List.of());
                parked.netlink().close();
                parked.control().close();
                assertThat(parked.pid()).isPositive();
            }
        } finally {
            descriptor.close();
        }
    }
}
