package dev.hearth.runtime.probe;

import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * A GET in HTTP/1.1, answered by a status from 200 to 399. Of the answer nothing but the first line
 * is read.
 */
final class HttpAttempt implements Attempt {
    private static final int MOST_LINE = 1024;
    private static final Pattern WELL = Pattern.compile("HTTP/1\\.[01] [23]\\d\\d( .*)?\r?");

    private final InetSocketAddress address;
    private final byte[] request;
    private final Duration timeout;
    private final Clock clock = Clock.system();

    HttpAttempt(InetSocketAddress address, String path, Duration timeout) {
        this.address = address;
        this.timeout = timeout;
        this.request =
                ("GET "
                                + path
                                + " HTTP/1.1\r\nHost: "
                                + address.getAddress().getHostAddress()
                                + ":"
                                + address.getPort()
                                + "\r\nUser-Agent: hearth-probe\r\nAccept: */*\r\n"
                                + "Connection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public boolean succeeds() {
        long deadline = clock.nanos() + timeout.toNanos();
        try (Socket socket = new Socket()) {
            socket.connect(address, left(deadline));
            socket.getOutputStream().write(request);
            return WELL.matcher(firstLine(socket, deadline)).matches();
        } catch (IOException notWell) {
            return false; // refused, cut off, or too late: all of them say the same
        }
    }

    private String firstLine(Socket socket, long deadline) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder line = new StringBuilder();
        while (line.length() < MOST_LINE) {
            socket.setSoTimeout(left(deadline));
            int octet = in.read();
            if (octet < 0 || octet == '\n') {
                break;
            }
            line.append((char) octet);
        }
        return line.toString();
    }

    /** Milliseconds, at least one, since 0 would mean for ever. */
    private int left(long deadline) throws SocketTimeoutException {
        long left = deadline - clock.nanos();
        if (left <= 0) {
            throw new SocketTimeoutException("the probe's time is up");
        }
        return (int) Math.max(1, left / 1_000_000);
    }
}
