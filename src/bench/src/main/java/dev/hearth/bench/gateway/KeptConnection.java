package dev.hearth.bench.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A connection that stays open, with at most one GET / under way; answers are small. */
final class KeptConnection implements AutoCloseable {
    private static final int MOST_BYTES = 2048;
    private static final Pattern LENGTH =
            Pattern.compile("\r\ncontent-length: *(\\d{1,4})\r\n", Pattern.CASE_INSENSITIVE);

    private final SocketChannel channel;
    private final byte[] request;
    private final ByteBuffer answer = ByteBuffer.allocate(MOST_BYTES);
    private volatile long dueNanos;

    private KeptConnection(SocketChannel channel, String host) {
        this.channel = channel;
        this.request = ("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").getBytes(ISO_8859_1);
    }

    /** Connects; reads wait. */
    static KeptConnection from(InetSocketAddress source, Contestant to) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.bind(source);
            channel.connect(to.address());
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            // closed by a reset: 20 000 ports that rest for a minute would be in the next one's way
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            return new KeptConnection(channel, to.host());
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Connects; reads never wait, and the selector tells when there is something. */
    static KeptConnection watched(Contestant to, Selector selector) throws IOException {
        KeptConnection made = from(new InetSocketAddress("0.0.0.0", 0), to);
        try {
            made.channel.configureBlocking(false);
            made.channel.register(selector, SelectionKey.OP_READ, made);
            return made;
        } catch (IOException e) {
            made.close();
            throw e;
        }
    }

    /**
     * @param due when it should have been sent
     */
    void send(long due) throws IOException {
        dueNanos = due;
        if (channel.write(ByteBuffer.wrap(request)) < request.length) {
            throw new IOException("a request does not fit into an empty socket");
        }
    }

    long dueNanos() {
        return dueNanos;
    }

    /**
     * Reads once; true when the answer is whole.
     *
     * @throws IOException also when it is not 200
     */
    boolean isAnswered() throws IOException {
        if (channel.read(answer) < 0) {
            throw new IOException("the connection was closed");
        }
        String text = new String(answer.array(), 0, answer.position(), ISO_8859_1);
        int head = text.indexOf("\r\n\r\n");
        if (head < 0) {
            return false;
        }
        Matcher length = LENGTH.matcher(text).region(0, head + 2);
        if (!text.startsWith("HTTP/1.1 200") || !length.find()) {
            throw new IOException("not a plain 200: " + text);
        }
        if (answer.position() < head + 4 + Integer.parseInt(length.group(1))) {
            return false;
        }
        answer.clear();
        return true;
    }

    /** A whole request and its answer, on a connection whose reads wait. */
    void exchange() throws IOException {
        send(0);
        while (!isAnswered()) {
            continue;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
