package dev.hearth.e2e;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A client's kept connection to the gateway, which does no more than it must: for load and time.
 */
final class Connection implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    Connection(Platform platform) throws IOException {
        socket = new Socket("127.0.0.1", platform.httpPort);
        in = new BufferedInputStream(socket.getInputStream());
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
    }

    /** The whole answer. */
    String get(String service, String path) throws IOException {
        String request = "GET " + path + " HTTP/1.1\r\nHost: " + service + ".localhost\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("closed after \"" + head + "\"");
            }
            head.append((char) octet);
        }
        String lower = head.toString().toLowerCase(Locale.ROOT);
        int at = lower.indexOf("content-length: ") + 16;
        int length = Integer.parseInt(lower.substring(at, lower.indexOf("\r\n", at)));
        return head + new String(in.readNBytes(length), StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
