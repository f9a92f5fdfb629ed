package dev.hearth.imagecache.registry;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A blob's answers: each request but the last ones is broken off after so many bytes. */
final class FlakyBlob implements TestRegistry.Handler {
    /** {@code Range} and {@code If-Range} of each request. */
    final List<String> ranges = new CopyOnWriteArrayList<>();

    private final byte[] content;
    private final int[] breaks;
    private final AtomicInteger requests = new AtomicInteger();
    private volatile boolean chunked;
    private volatile boolean deaf;
    private volatile int shift;
    private volatile Optional<String> etag = Optional.empty();

    FlakyBlob(byte[] content, int... breaks) {
        this.content = content.clone();
        this.breaks = breaks.clone();
    }

    /** In chunks instead of with a Content-Length. */
    FlakyBlob chunked() {
        chunked = true;
        return this;
    }

    /** Answers a range with the whole. */
    FlakyBlob deaf() {
        deaf = true;
        return this;
    }

    /** Answers a range with one that begins later. */
    FlakyBlob shifted(int bytes) {
        shift = bytes;
        return this;
    }

    FlakyBlob etag(String value) {
        etag = Optional.of(value);
        return this;
    }

    @Override
    public void handle(HttpExchange e) throws IOException {
        int request = requests.getAndIncrement();
        String range = e.getRequestHeaders().getFirst("Range");
        ranges.add(range + " " + e.getRequestHeaders().getFirst("If-Range"));
        int from = 0;
        if (range != null && !deaf) {
            from = Integer.parseInt(range.replaceAll("\\D", "")) + shift;
            e.getResponseHeaders()
                    .add(
                            "Content-Range",
                            "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        etag.ifPresent(value -> e.getResponseHeaders().add("ETag", value));
        byte[] body = Arrays.copyOfRange(content, from, content.length);
        e.sendResponseHeaders(range != null && !deaf ? 206 : 200, chunked ? 0 : body.length);
        int sent = request < breaks.length ? Math.min(breaks[request], body.length) : body.length;
        OutputStream out = e.getResponseBody();
        out.write(body, 0, sent);
        out.flush();
        if (request < breaks.length) {
            letArrive();
            throw new IOException("hang up here");
        }
    }

    /** The JDK's client throws away what it has not handed on when a connection breaks. */
    private static void letArrive() throws IOException {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            throw new java.io.InterruptedIOException();
        }
    }
}
