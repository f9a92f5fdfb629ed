package dev.hearth.bench.cold;

import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** One GET over a raw blocking socket on loopback. */
final class Probe {
    /** Between two attempts to connect; each takes about as long again. */
    private static final long RETRY_NANOS = 20_000;

    /** Until the other end has taken a connection that is open already. */
    private static final long ACCEPT_NANOS = 10_000_000;

    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final int MOST_BYTES = 1 << 20;

    private final Clock clock;

    Probe(Clock clock) {
        this.clock = clock;
    }

    /**
     * A whole answer.
     *
     * @param nanos until its first byte
     */
    record Answer(long nanos, String text) {}

    /**
     * A request to a server that runs.
     *
     * @param connected whether the connection is made ahead, so that the time is from the request's
     *     first byte; else it is from the connection's first packet
     * @param headers more lines of the request's head, each with its line end
     */
    Answer ask(int port, String host, String path, String headers, boolean connected) {
        long begin = clock.nanos();
        try (Socket socket = connect(port)) {
            if (connected) {
                LockSupport.parkNanos(ACCEPT_NANOS);
                begin = clock.nanos();
            }
            return exchange(socket, host, path, headers, begin);
        } catch (IOException e) {
            throw new BenchFailure("the gateway at port " + port + " did not answer: " + e, e);
        }
    }

    /** The time from {@code begin} to the response's first byte; retries until the port is open. */
    long sinceStart(int port, long begin) {
        while (true) {
            try (Socket socket = connect(port)) {
                return exchange(socket, "localhost", "/", "", begin).nanos();
            } catch (IOException e) {
                if (clock.nanos() - begin > DEADLINE.toNanos()) {
                    throw new BenchFailure(
                            "nothing answered on port " + port + " within " + DEADLINE, e);
                }
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) DEADLINE.toMillis());
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private Answer exchange(Socket socket, String host, String path, String headers, long begin)
            throws IOException {
        socket.getOutputStream().write(request(host, path, headers));
        InputStream response = socket.getInputStream();
        int first = response.read();
        long nanos = clock.nanos() - begin;
        if (first < 0) {
            throw new IOException("the connection was closed without a byte");
        }
        String text =
                (char) first
                        + new String(response.readNBytes(MOST_BYTES), StandardCharsets.ISO_8859_1);
        if (!text.startsWith("HTTP/1.1 200")) {
            throw new BenchFailure("the answer was not 200 but " + text.strip());
        }
        return new Answer(nanos, text);
    }

    private static byte[] request(String host, String path, String headers) {
        return ("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + headers)
                .concat("Connection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
