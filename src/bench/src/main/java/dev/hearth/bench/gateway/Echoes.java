package dev.hearth.bench.gateway;

import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * WebSocket messages (RFC 6455) that come back as they were, over some connections at once; each
 * sends its next message when it has its last one back.
 *
 * <p>The backend sends each frame back unchanged, so masked, which no proxy looks at.
 */
final class Echoes {
    private static final int CONNECTIONS = 32;
    private static final String HANDSHAKE =
            "Upgrade: websocket\r\n"
                    + "Connection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    private static final int PAYLOAD = 100;

    private Echoes() {}

    static double perSecond(Contestant through, int seconds, Clock clock) {
        List<Dialogue> open = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                Dialogue one = Dialogue.open(through);
                open.add(one);
                one.request("/upgrade", HANDSHAKE, "HTTP/1.1 101");
            }
            byte[] frame = frame();
            long messages = 0;
            long begun = clock.nanos();
            long until = begun + Duration.ofSeconds(seconds).toNanos();
            while (clock.nanos() < until) {
                for (Dialogue one : open) {
                    one.send(frame);
                }
                for (Dialogue one : open) {
                    if (!Arrays.equals(one.input().readNBytes(frame.length), frame)) {
                        throw new IOException("a message came back changed");
                    }
                }
                messages += open.size();
            }
            return messages * 1e9 / (clock.nanos() - begun);
        } catch (IOException e) {
            throw new BenchFailure(through.name() + " did not carry a WebSocket: " + e, e);
        } finally {
            close(open);
        }
    }

    /** Section 5.2: a whole text message, masked with zeros, so that it is what it looks like. */
    private static byte[] frame() {
        byte[] frame = new byte[6 + PAYLOAD];
        Arrays.fill(frame, 6, frame.length, (byte) 'x');
        frame[0] = (byte) 0x81;
        frame[1] = (byte) (0x80 | PAYLOAD);
        return frame;
    }

    private static void close(List<Dialogue> all) {
        for (Dialogue one : all) {
            try {
                one.close();
            } catch (IOException e) {
                throw new BenchFailure("a connection cannot be closed: " + e, e);
            }
        }
    }
}
