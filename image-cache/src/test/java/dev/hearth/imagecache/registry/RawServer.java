package dev.hearth.imagecache.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server on a loopback port that says to each connection, after one request, what a test gave it
 * for that one, byte for byte, and hangs up; the last for all that follow.
 */
final class RawServer implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Answer[] answers;

    /** Connections that the client ended before everything was said. */
    final AtomicInteger hangUps = new AtomicInteger();

    /** What is said to one connection. */
    interface Answer {
        void to(OutputStream out) throws IOException;
    }

    RawServer(Answer... answers) throws IOException {
        this.answers = answers.clone();
        Thread.ofVirtual().start(this::serve);
    }

    static Answer text(String text) {
        return out -> out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    String host() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    private void serve() {
        for (int i = 0; !server.isClosed(); i++) {
            Answer answer = answers[Math.min(i, answers.length - 1)];
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> serve(socket, answer));
            } catch (IOException e) {
                return; // the test is over
            }
        }
    }

    private void serve(Socket socket, Answer answer) {
        try (socket) {
            readRequest(socket.getInputStream());
            answer.to(socket.getOutputStream());
        } catch (IOException e) {
            hangUps.incrementAndGet();
        }
    }

    private static void readRequest(InputStream in) throws IOException {
        int matched = 0;
        while (matched < 4) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("no request");
            }
            matched = b == "\r\n\r\n".charAt(matched) ? matched + 1 : b == '\r' ? 1 : 0;
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
