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

/** {@code hearth down}: stops the platform and waits until it has let go of its data directory. */
@Command(name = "down", description = "Stop the platform.")
final class DownCommand extends HearthCommand {
    private static final int WAIT_MILLIS = 60_000;

    @Override
    public Integer call() throws Exception {
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
