package dev.hearth.runtime.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.runtime.posix.Fd;
import dev.hearth.runtime.posix.PidFd;
import dev.hearth.runtime.seccomp.SeccompRules;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A launcher's socket: who may speak to it, and what it keeps from one client to the next. */
@Tag("root")
class LauncherSocketTest {
    /** Connects and says how far that went; Debian's perl-base is on every machine. */
    private static final String CONNECT =
            """
            use Socket;
            socket(my $s, AF_UNIX, SOCK_SEQPACKET, 0) or die "socket: $!";
            if (!connect($s, pack_sockaddr_un($ARGV[0]))) { print "connect: $!"; exit 0; }
            alarm 10;
            my $got = sysread($s, my $bytes, 100);
            print defined $got && $got == 0 ? "closed" : "open";
            """;

    @TempDir Path directory;
    private Path socket;
    private LauncherProcess process;
    private Launcher launcher;
    private final Slots slots = new Slots();

    private static final class Slots implements Launcher.Events {
        private final BlockingQueue<Launcher.Exit> exits = new LinkedBlockingQueue<>();
        private volatile PidFd newest;

        @Override
        public void parked(int slot, int pid, PidFd pidfd) {
            newest = pidfd;
        }

        @Override
        public void exited(Launcher.Exit exit) {
            exits.add(exit);
        }
    }

    @BeforeEach
    void start() throws IOException {
        Path layers = Files.createDirectories(directory.resolve("layers"));
        process = new LauncherProcess(directory, layers, SeccompRules.load(""));
        launcher = process.start(0, slots);
        socket = directory.resolve("launcher.sock");
        // what is above the socket must not be what refuses
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void stop() throws IOException {
        process.endEarlier();
        launcher.close();
        assertThat(socket).doesNotExist();
    }

    private String connectAsNobody() throws Exception {
        Process perl =
                new ProcessBuilder(
                                "setpriv",
                                "--reuid=65534",
                                "--regid=65534",
                                "--clear-groups",
                                "perl",
                                "-e",
                                CONNECT,
                                socket.toString())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(perl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        perl.waitFor();
        return said;
    }

    @Test
    void connect_anotherUser_refusedByTheSocketsMode() throws Exception {
        assertThat(connectAsNobody()).isEqualTo("connect: Permission denied");
    }

    @Test
    void connect_anotherUserPastTheMode_refusedByThePeerCheck() throws Exception {
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThat(connectAsNobody()).isEqualTo("closed");
        assertThat(launcher.list()).isEmpty(); // and whoever may speak was not cut off by it
    }

    @Test
    void list_nextClient_hasSlotAndNote() throws Exception {
        Launcher.Parked parked = launcher.prepare(List.of());
        parked.netlink().close();
        try (Fd note = Fd.memory("note", "remember".getBytes(StandardCharsets.UTF_8))) {
            launcher.note(parked.slot(), Optional.of(note));
        }
        launcher.close();
        launcher = process.findEarlier(slots).orElseThrow();
        Launcher.Found found = launcher.list().getFirst();
        assertThat(found.slot()).isEqualTo(parked.slot());
        assertThat(found.pid()).isEqualTo(parked.pid());
        assertThat(new String(found.note().orElseThrow().content(100), StandardCharsets.UTF_8))
                .isEqualTo("remember");
        launcher.note(parked.slot(), Optional.empty());
        assertThat(launcher.list().getFirst().note()).isEmpty();
        found.pidfd().signal(9);
        Launcher.Exit exit = slots.exits.poll(10, TimeUnit.SECONDS);
        assertThat(exit).isEqualTo(new Launcher.Exit(parked.slot(), 9, true));
        assertThat(launcher.list()).isEmpty();
    }

    @Test
    void adopt_strangersProcess_watchedByItsPidfdAndNumberNotGivenAgain() throws Exception {
        Launcher.Parked parked = launcher.prepare(List.of());
        parked.netlink().close();
        PidFd pidfd = slots.newest;
        assertThatThrownBy(
                        () -> launcher.adopt(parked.slot(), parked.pid(), pidfd, Optional.empty()))
                .isInstanceOf(LauncherFailure.class); // it has that one itself
        int number = parked.slot() + 1; // the next place in the table
        launcher.adopt(number, parked.pid(), pidfd, Optional.empty());
        assertThat(launcher.list()).extracting(Launcher.Found::slot).contains(number);
        pidfd.signal(9);
        Launcher.Exit one = slots.exits.poll(10, TimeUnit.SECONDS);
        Launcher.Exit two = slots.exits.poll(10, TimeUnit.SECONDS);
        assertThat(one).isNotNull();
        assertThat(two).isNotNull();
        assertThat(List.of(one.slot(), two.slot()))
                .containsExactlyInAnyOrder(parked.slot(), number);
    }

    @Test
    void connect_newestSlotGiven_numbersGoOnFromThere() throws Exception {
        launcher.close();
        launcher = Launcher.connect(socket, 40960, slots);
        Launcher.Parked parked = launcher.prepare(List.of());
        parked.netlink().close();
        assertThat(parked.slot()).isGreaterThan(40960 + 4095 - 1);
    }
}
