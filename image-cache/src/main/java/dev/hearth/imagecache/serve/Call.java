package dev.hearth.imagecache.serve;

import com.sun.net.httpserver.HttpExchange;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.manifest.Json;
import dev.hearth.imagecache.serve.RegistryFault.Code;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One request to the registry and its answer. */
final class Call {
    private static final int MOST_QUERY_CHARACTERS = 8192;

    /** Of a refused request's body: some seconds' worth on a slow line. */
    private static final long MOST_DRAINED_BYTES = 64L << 20;

    private final HttpExchange exchange;
    private final Map<String, String> query;

    Call(HttpExchange exchange) {
        this.exchange = exchange;
        this.query = parse(exchange.getRequestURI().getRawQuery());
    }

    private static Map<String, String> parse(String raw) {
        Map<String, String> query = new HashMap<>();
        if (raw == null || raw.length() > MOST_QUERY_CHARACTERS) {
            return query;
        }
        for (String pair : raw.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                query.putIfAbsent(pair.substring(0, equals), decoded(pair.substring(equals + 1)));
            }
        }
        return query;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return text;
        }
    }

    String method() {
        return exchange.getRequestMethod();
    }

    /** As it came but for {@code %3A}, which some clients write for the colon of a digest. */
    String path() {
        return exchange.getRequestURI().getRawPath().replaceAll("(?i)%3A", ":");
    }

    Optional<String> query(String name) {
        return Optional.ofNullable(query.get(name));
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
    }

    InputStream body() {
        return exchange.getRequestBody();
    }

    /** Adds a header to the answer. */
    Call with(String header, String value) {
        exchange.getResponseHeaders().add(header, value);
        return this;
    }

    /** Answers without a body. */
    void answer(int status) throws IOException {
        exchange.sendResponseHeaders(status, -1);
    }

    /** Answers with a body, of which HEAD gets the length alone. */
    void answer(int status, String type, byte[] body) throws IOException {
        with("Content-Type", type);
        if (method().equals("HEAD")) {
            head(status, body.length);
            return;
        }
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
            out.flush();
            drain();
        }
    }

    /**
     * Reads what the client still sends. A connection that is closed over unread bytes is reset,
     * and with it goes the answer that says why (RFC 9112, section 9.6).
     */
    private void drain() throws IOException {
        byte[] buffer = new byte[64 * 1024];
        long left = MOST_DRAINED_BYTES;
        for (int n = 0; n >= 0 && left > 0; left -= n) {
            n = body().read(buffer);
        }
    }

    void json(int status, Object body) throws IOException {
        answer(status, "application/json", Json.write(body));
    }

    /** Answers HEAD about a body of that many bytes. */
    void head(int status, long bytes) throws IOException {
        with("Content-Length", Long.toString(bytes));
        exchange.sendResponseHeaders(status, -1);
    }

    /** Answers with the first bytes of a stream. */
    void stream(int status, InputStream body, long bytes) throws IOException {
        exchange.sendResponseHeaders(status, bytes == 0 ? -1 : bytes);
        try (OutputStream out = exchange.getResponseBody()) {
            byte[] buffer = new byte[128 * 1024];
            for (long left = bytes; left > 0; ) {
                int n = body.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (n < 0) {
                    throw new IOException("the blob has become shorter");
                }
                out.write(buffer, 0, n);
                left -= n;
            }
        }
    }

    private record Problem(String code, String message, Map<String, String> detail) {}

    private record Problems(List<Problem> errors) {}

    /** Answers as the specification words it, unless an answer was begun already. */
    void fail(RegistryFault fault) throws IOException {
        if (exchange.getResponseCode() >= 0) {
            return;
        }
        if (fault.code() == Code.TOOMANYREQUESTS) {
            with("Retry-After", "5");
        }
        json(
                fault.status(),
                new Problems(
                        List.of(new Problem(fault.code().name(), fault.sentence(), Map.of()))));
    }

    /** The digest that {@code text} writes. */
    static Digest digest(String text) {
        try {
            return new Digest(text);
        } catch (HearthException e) {
            throw new RegistryFault(Code.DIGEST_INVALID, e.sentence());
        }
    }
}
