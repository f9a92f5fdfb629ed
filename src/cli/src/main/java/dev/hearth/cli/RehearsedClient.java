package dev.hearth.cli;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/** One of the clients of {@link RehearseCommand}: a request at a time, over one connection. */
final class RehearsedClient implements Runnable, AutoCloseable {
    /** A client does something unusual once in so many requests. */
    private static final int RARELY = 50;

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int LINE_LIMIT = 8192;

    private final Socket socket = new Socket();
    private final String host;
    private final int port;
    private final int number;
    private final AtomicInteger left;

    /**
     * @param number sets what it does apart from what the others do
     * @param left how many requests they still have to send together
     */
    RehearsedClient(String host, int port, int number, AtomicInteger left) {
        this.host = host;
        this.port = port;
        this.number = number;
        this.left = left;
    }

    @Override
    public void run() {
        try {
            socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (int sent = 0; ; sent++) {
                boolean answered =
                        sent % RARELY == number % RARELY
                                ? rare((sent + number) % 6, in)
                                : ask("GET", "/", "", in);
                if (!answered) {
                    return;
                }
                left.decrementAndGet();
            }
        } catch (IOException e) {
            // closed in the middle of it; if the service is at fault, all end, and that is told
            close();
        }
    }

    /** False when the connection is of no more use. */
    private boolean rare(int what, InputStream in) throws IOException {
        return switch (what) {
            case 0 -> ask("HEAD", "/", "", in);
            case 1 -> ask("POST", "/", "x".repeat(100), in);
            case 2 -> ask("POST", "/", "x".repeat(100_000), in);
            case 3 -> ask("GET", "/stream?n=3&ms=1", "", in);
            case 4 -> ask("GET", "/zeros?bytes=300000", "", in);
            default -> ask("GET", "/status?code=404", "", in);
        };
    }

    private boolean ask(String method, String path, String body, InputStream in)
            throws IOException {
        String length = body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n";
        String request =
                method
                        + " "
                        + path
                        + " HTTP/1.1\r\nHost: "
                        + host
                        + "\r\n"
                        + length
                        + "\r\n"
                        + body;
        OutputStream out = socket.getOutputStream();
        out.write(request.getBytes(StandardCharsets.US_ASCII));
        if (!line(in).startsWith("HTTP/1.1 ")) {
            return false;
        }
        long octets = 0;
        boolean chunked = false;
        for (String field = line(in); !field.isEmpty(); field = line(in)) {
            String small = field.toLowerCase(Locale.ROOT);
            if (small.startsWith("content-length:")) {
                octets = Long.parseLong(small.substring(small.indexOf(':') + 1).strip());
            }
            chunked |= small.startsWith("transfer-encoding:");
        }
        if (chunked) {
            skipChunks(in);
        } else if (!method.equals("HEAD")) {
            in.skipNBytes(octets);
        }
        return true;
    }

    private static void skipChunks(InputStream in) throws IOException {
        for (long length = chunk(in); length > 0; length = chunk(in)) {
            in.skipNBytes(length);
            line(in);
        }
        line(in);
    }

    private static long chunk(InputStream in) throws IOException {
        return Long.parseLong(line(in), 16);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int octet = in.read(); octet != '\n'; octet = in.read()) {
            if (octet < 0 || text.length() == LINE_LIMIT) {
                throw new EOFException("the answer broke off");
            }
            if (octet != '\r') {
                text.append((char) octet);
            }
        }
        return text.toString();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
