package dev.hearth.bench.cold;

import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** One GET over a raw blocking socket on loopback. */
final class Probe {
    /** Between two attempts to connect. */
    private static final long RETRY_NANOS = 100_000;

    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final int MOST_BYTES = 1 << 20;

    private final Clock clock;

    Probe(Clock clock) {
        this.clock = clock;
    }

    /** A port that nobody listens on now. */
    static int freePort() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new BenchFailure("no port is free on loopback: " + e, e);
        }
    }

    /** Connects first; then the time from the request's first byte to the response's. */
    long throughOpenConnection(int port, String host) {
        try (Socket socket = connect(port)) {
            return exchange(socket, host, clock.nanos());
        } catch (IOException e) {
            throw new BenchFailure("the gateway at port " + port + " did not answer: " + e, e);
        }
    }

    /** The time from {@code begin} to the response's first byte; retries until the port is open. */
    long sinceStart(int port, long begin) {
        while (true) {
            try (Socket socket = connect(port)) {
                return exchange(socket, "localhost", begin);
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
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                    (int) DEADLINE.toMillis());
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private long exchange(Socket socket, String host, long begin) throws IOException {
        String request = "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        InputStream response = socket.getInputStream();
        int first = response.read();
        long nanos = clock.nanos() - begin;
        if (first < 0) {
            throw new IOException("the connection was closed without a byte");
        }
        String rest = new String(response.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
        if (!rest.startsWith("TTP/1.1 200")) {
            throw new BenchFailure("the answer was not 200 but " + (char) first + rest.strip());
        }
        return nanos;
    }
}
