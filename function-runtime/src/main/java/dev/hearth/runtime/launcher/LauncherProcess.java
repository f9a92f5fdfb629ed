package dev.hearth.runtime.launcher;

import dev.hearth.runtime.seccomp.SeccompRules;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Consumer;

/** Starts the launcher's process, and ends one that an earlier runtime left. */
public final class LauncherProcess {
    private static final int START_MILLIS = 5_000;

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

    /** Starts a launcher and connects to it. */
    public Launcher start(Consumer<Launcher.Exit> onExit) throws IOException {
        Path binary = unpack();
        Path slotDirectory = Files.createDirectories(runDirectory.resolve("slot"));
        Path rules = runDirectory.resolve("seccomp.rules");
        seccomp.writeTo(rules);
        Process process =
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
                                        runDirectory.resolve("launcher.log").toFile()))
                        .start();
        IOException last = null;
        for (int waited = 0; waited < START_MILLIS && process.isAlive(); waited += 2) {
            try {
                return Launcher.connect(socket(), onExit);
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

    /** Ends a launcher of an earlier runtime with all its sandboxes; true when there was one. */
    public boolean endEarlier() throws IOException {
        if (!Files.exists(socket())) {
            return false;
        }
        try (Launcher earlier = Launcher.connect(socket(), exit -> {})) {
            earlier.shutdown(10);
            return true;
        } catch (IOException nobodyListens) {
            Files.deleteIfExists(socket());
            return false;
        }
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
