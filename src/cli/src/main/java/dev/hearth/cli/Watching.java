package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.PullBody;
import dev.hearth.contracts.HearthException;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Says how far the platform's pulls have come, as long as it is open. */
final class Watching implements AutoCloseable {
    private static final int PERIOD_MILLIS = 500;

    private final Client client;
    private final PrintWriter err;
    private final Thread thread;
    private volatile boolean closed;

    private Watching(Client client, PrintWriter err) {
        this.client = client;
        this.err = err;
        this.thread = Thread.ofVirtual().unstarted(this::watch);
    }

    /**
     * @param always also when nobody looks: when the output is not a terminal
     */
    static Watching begin(Client client, PrintWriter err, boolean always) {
        Watching watching = new Watching(client, err);
        if (always || System.console() != null) {
            watching.thread.start();
        }
        return watching;
    }

    private void watch() {
        Map<String, String> said = new HashMap<>();
        try {
            while (!closed) {
                Thread.sleep(PERIOD_MILLIS);
                for (PullBody pull : client.get("/pulls", PullBody[].class)) {
                    String line = line(pull);
                    if (!closed && !line.equals(said.put(pull.reference(), line))) {
                        err.println(line);
                    }
                }
            }
        } catch (InterruptedException done) {
            Thread.currentThread().interrupt();
        } catch (HearthException e) {
            if (!closed) {
                err.println("how far the pull has come is not known: " + e.sentence());
            }
        }
    }

    static String line(PullBody pull) {
        return String.format(
                Locale.ROOT,
                "pulling %s: %s of %s, %d of %d layers",
                pull.reference(),
                size(pull.bytes()),
                size(pull.totalBytes()),
                pull.layers(),
                pull.totalLayers());
    }

    /** {@code 12.3 MB}: decimal, as registries and disks count. */
    static String size(long bytes) {
        if (bytes >= 1_000_000_000) {
            return String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
        }
        return bytes >= 1_000_000
                ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
                : String.format(Locale.ROOT, "%.1f kB", bytes / 1e3);
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
