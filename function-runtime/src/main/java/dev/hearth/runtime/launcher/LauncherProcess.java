package dev.hearth.runtime.launcher;

import dev.hearth.runtime.posix.Host;
import dev.hearth.runtime.posix.PidFd;
import dev.hearth.runtime.posix.SeqpacketSocket;
import dev.hearth.runtime.seccomp.SeccompRules;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Starts the launcher's process, and finds or ends one that an earlier runtime left. */
public final class LauncherProcess {
    private static final int START_MILLIS = 5_000;
    private static final int SIGKILL = 9;
    private static final int MOST_BUSY_TRIES = 100;
    private static final long BUSY_NANOS = 5_000_000;

    private final Path runDirectory;
    private final Path layers;
    private final SeccompRules seccomp;

    /**
     * @param runDirectory where its socket, binary and log live; short enough for a socket's name
     * @param layers the layer store
     * @param seccomp the system calls of every container
     */
    public LauncherProcess(Path runDirectory, Path layers, SeccompRules seccomp) {
        this.runDirectory = runDirectory;
        this.layers = layers;
        this.seccomp = seccomp;
    }

    private Path socket() {
        return runDirectory.resolve("launcher.sock");
    }

    /**
     * Starts a launcher and connects to it.
     *
     * @param newestSlot see {@link Launcher#connect}
     */
    Launcher start(int newestSlot, Launcher.Events events) throws IOException {
        Path binary = unpack();
        Path slotDirectory = Files.createDirectories(runDirectory.resolve("slot"));
        Path rules = runDirectory.resolve("seccomp.rules");
        seccomp.writeTo(rules);
        ProcessBuilder command =
                new ProcessBuilder(
                                binary.toString(),
                                socket().toString(),
                                slotDirectory.toString(),
                                layers.toString(),
                                rules.toString())
                        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                        .redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(
                                        runDirectory.resolve("launcher.log").toFile()));
        Process process = execute(command);
        IOException last = null;
        for (int waited = 0; waited < START_MILLIS && process.isAlive(); waited += 2) {
            try {
                return Launcher.connect(socket(), newestSlot, events);
            } catch (IOException notYet) {
                last = notYet;
            }
            try {
                Thread.sleep(2);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                process.destroyForcibly();
                throw new IOException("interrupted while starting the launcher", e);
            }
        }
        process.destroyForcibly();
        throw new IOException(
                "the launcher did not start; see " + runDirectory.resolve("launcher.log"), last);
    }

    /**
     * Executes what was written just now. Another thread's child may still hold our descriptor of
     * it between its fork and its exec, and until then the kernel answers ETXTBSY (error 26).
     */
    private static Process execute(ProcessBuilder command) throws IOException {
        for (int tries = 0; ; tries++) {
            try {
                return command.start();
            } catch (IOException e) {
                boolean busy = String.valueOf(e.getMessage()).matches("(?s).*error[:=] ?26\\b.*");
                if (!busy || tries == MOST_BUSY_TRIES) {
                    throw e;
                }
                LockSupport.parkNanos(BUSY_NANOS);
            }
        }
    }

    /** The launcher of an earlier runtime, if there is one that can be talked to. */
    Optional<Launcher> findEarlier(Launcher.Events events) {
        if (!Files.exists(socket())) {
            return Optional.empty();
        }
        try {
            return Optional.of(Launcher.connect(socket(), 0, events));
        } catch (IOException absentOrAnother) {
            return Optional.empty();
        }
    }

    /** Ends a launcher of an earlier runtime with all its sandboxes; true when there was one. */
    public boolean endEarlier() throws IOException {
        Optional<Launcher> earlier = findEarlier(new Ignored());
        if (earlier.isPresent()) {
            try (Launcher launcher = earlier.get()) {
                if (launcher.shutdown(10)) {
                    return true;
                }
            }
        }
        return killEarlier();
    }

    /** For one that speaks another version's protocol, or none any more. */
    private boolean killEarlier() throws IOException {
        try (SeqpacketSocket connection = SeqpacketSocket.connect(socket())) {
            Host.signal(connection.peer(), SIGKILL);
            return true;
        } catch (IOException nobodyListens) {
            return false;
        } finally {
            Files.deleteIfExists(socket());
        }
    }

    /** Of a launcher that is about to end, nothing is news. */
    private static final class Ignored implements Launcher.Events {
        @Override
        public void parked(int slot, int pid, PidFd pidfd) {
            pidfd.close();
        }

        @Override
        public void exited(Launcher.Exit exit) {}
    }

    /** Copies the binary out of our jar; by rename, since an earlier one may still be running. */
    private Path unpack() throws IOException {
        Path binary = runDirectory.resolve("hearth-launcher");
        Path part = runDirectory.resolve("hearth-launcher.part");
        try (InputStream in = LauncherProcess.class.getResourceAsStream("/hearth-launcher")) {
            if (in == null) {
                throw new IOException("this build has no launcher in it; build again");
            }
            Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("r-x------"));
        return Files.move(part, binary, StandardCopyOption.ATOMIC_MOVE);
    }
}
