package dev.hearth.cli;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import picocli.CommandLine.Command;

/**
 * {@code hearth down}: stops the platform and waits until it has let go of its data directory. Of
 * one that was killed the containers may live on; taking those away needs the platform itself, so
 * that is left to the {@code hearth} script, by the exit code {@value #KILLED}.
 */
@Command(name = "down", description = "Stop the platform.")
final class DownCommand extends HearthCommand {
    private static final int WAIT_MILLIS = 60_000;
    private static final int KILLED = 3;

    @Override
    public Integer call() throws Exception {
        if (containersOutliveIt()) {
            err().println("hearth: the platform was killed; its containers live on");
            return KILLED;
        }
        Client client = client();
        client.get("/status", AdminApi.Status.class);
        client.post("/shutdown");
        for (int waited = 0; waited < WAIT_MILLIS; waited += 50) {
            if (isFree(connection().data().resolve("lock"))) {
                out().println("stopped");
                return 0;
            }
            Thread.sleep(50);
        }
        throw new HearthException(
                ErrorKind.DEADLINE,
                "still-running",
                "the platform did not stop within "
                        + WAIT_MILLIS / 1000
                        + " s; see its log in "
                        + connection().data().resolve("logs"));
    }

    /** The launcher's socket is there as long as the launcher or the platform was not stopped. */
    private boolean containersOutliveIt() throws Exception {
        return Files.exists(connection().data().resolve("run/launcher.sock"))
                && isFree(connection().data().resolve("lock"));
    }

    /** The platform holds a lock on this file as long as it lives. */
    private static boolean isFree(Path lockFile) throws Exception {
        if (!Files.exists(lockFile)) {
            return true;
        }
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock != null;
        }
    }
}
