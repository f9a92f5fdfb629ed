package dev.hearth.bench.step;

import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.contracts.Clock;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Clients that each send one request after the other over a connection of its own. */
final class Clients {
    private static final int DEADLINE_MILLIS = 120_000;

    private Clients() {}

    /**
     * What each request took, in nanoseconds, when all are answered.
     *
     * @param requests of each client
     */
    static long[] run(int port, String service, String path, int clients, int requests, Clock clock)
            throws InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<long[]>> work = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                work.add(() -> client(port, service, path, requests, clock));
            }
            long[] all = new long[clients * requests];
            int at = 0;
            for (Future<long[]> one : threads.invokeAll(work)) {
                for (long nanos : one.get()) {
                    all[at++] = nanos;
                }
            }
            return all;
        } catch (ExecutionException e) {
            throw new BenchFailure("a client of " + service + " failed: " + e.getCause(), e);
        }
    }

    private static long[] client(int port, String service, String path, int requests, Clock clock)
            throws IOException {
        byte[] request =
                ("GET " + path + " HTTP/1.1\r\nHost: " + service + ".localhost\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII);
        long[] nanos = new long[requests];
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(DEADLINE_MILLIS);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (int i = 0; i < requests; i++) {
                long begun = clock.nanos();
                socket.getOutputStream().write(request);
                read(in);
                nanos[i] = clock.nanos() - begun;
            }
        }
        return nanos;
    }

    private static void read(InputStream in) throws IOException {
        String status = line(in);
        if (!status.startsWith("HTTP/1.1 200")) {
            throw new IOException("answered " + status);
        }
        int length = -1;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Integer.parseInt(line.substring(15).strip());
            }
        }
        if (length < 0) {
            throw new IOException("an answer has no length");
        }
        in.skipNBytes(length);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("the connection was closed in the middle of an answer");
            }
            text.append((char) c);
        }
        return text.toString().stripTrailing();
    }
}
