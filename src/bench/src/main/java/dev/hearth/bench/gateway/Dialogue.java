package dev.hearth.bench.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;

/** A connection for one request and what follows the head of its answer. */
final class Dialogue implements AutoCloseable {
    private static final int SILENCE_MILLIS = 30_000;
    private static final int MOST_HEAD = 8192;
    private static final String END = "\r\n\r\n";

    private final Socket socket;
    private final InputStream input;
    private final String host;

    private Dialogue(Socket socket, String host) throws IOException {
        this.socket = socket;
        this.input = new BufferedInputStream(socket.getInputStream());
        this.host = host;
    }

    static Dialogue open(Contestant with) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(SILENCE_MILLIS);
            socket.connect(with.address());
            return new Dialogue(socket, with.host());
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Sends a GET and reads the head of its answer.
     *
     * @param headers more lines of the head, each with its line end
     * @param expected what the answer begins with
     */
    void request(String path, String headers, String expected) throws IOException {
        send(
                ("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + headers + "\r\n")
                        .getBytes(ISO_8859_1));
        StringBuilder head = new StringBuilder();
        while (head.length() < END.length() || head.indexOf(END, head.length() - 4) < 0) {
            int next = input.read();
            if (next < 0 || head.length() > MOST_HEAD) {
                throw new IOException("the answer has no head: " + head);
            }
            head.append((char) next);
        }
        if (!head.toString().startsWith(expected)) {
            throw new IOException("the answer was not " + expected + " but " + head);
        }
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** What comes after the head. */
    InputStream input() {
        return input;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
