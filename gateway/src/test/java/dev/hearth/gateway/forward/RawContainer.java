package dev.hearth.gateway.forward;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A "container" that answers with octets as a test gives them, valid or not. */
final class RawContainer implements AutoCloseable {
    /** What it does with a request. */
    interface Answering {
        /**
         * @param head of the request, with its empty line
         * @param connection the how manyeth it is, from 1
         * @return whether to go on with the connection
         */
        boolean answer(String head, int connection, InputStream in, OutputStream out)
                throws IOException;
    }

    private final ServerSocket server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    private final AtomicInteger connections = new AtomicInteger();
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final Answering answering;

    RawContainer(Answering answering) throws IOException {
        this.answering = answering;
        Thread.startVirtualThread(this::accept);
    }

    /** One that gives the same octets as every answer. */
    static RawContainer saying(String octets) throws IOException {
        return new RawContainer(
                (head, connection, in, out) -> {
                    out.write(octets.getBytes(StandardCharsets.ISO_8859_1));
                    return true;
                });
    }

    int port() {
        return server.getLocalPort();
    }

    /** How many connections it took. */
    int connections() {
        return connections.get();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                open.add(socket);
                int number = connections.incrementAndGet();
                Thread.startVirtualThread(() -> serve(socket, number));
            } catch (IOException e) {
                if (!server.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void serve(Socket socket, int number) {
        try (socket) {
            InputStream in = socket.getInputStream();
            String head = head(in);
            while (!head.isEmpty()
                    && answering.answer(head, number, in, socket.getOutputStream())) {
                head = head(in);
            }
        } catch (IOException gatewayIsGone) {
            open.remove(socket);
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int octet = in.read();
            if (octet < 0) {
                return "";
            }
            head.append((char) octet);
        }
        return head.toString();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
