package dev.hearth.bench.gateway;

import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.io.InputStream;

/** One large answer, thrown away as it comes. */
final class Download {
    private static final int PIECE = 256 * 1024;

    private Download() {}

    static double bytesPerSecond(Contestant from, long bytes, Clock clock) {
        long begun = clock.nanos();
        try (Dialogue dialogue = Dialogue.open(from)) {
            dialogue.request("/zeros?bytes=" + bytes, "", "HTTP/1.1 200");
            InputStream body = dialogue.input();
            byte[] piece = new byte[PIECE];
            long left = bytes;
            while (left > 0) {
                int count = body.read(piece, 0, (int) Math.min(PIECE, left));
                if (count < 0) {
                    throw new IOException(left + " bytes are missing at the end");
                }
                left -= count;
            }
            return bytes * 1e9 / (clock.nanos() - begun);
        } catch (IOException e) {
            throw new BenchFailure(from.name() + " did not serve a download: " + e, e);
        }
    }
}
