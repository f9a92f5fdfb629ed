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
import java.util.OptionalLong;
import org.jboss.logging.Logger;

/** One request to the registry and its answer. */
final class Call {
    private static final Logger LOG = Logger.getLogger(Call.class);
    private static final int MOST_QUERY_CHARACTERS = 8192;
    private static final int MOST_MESSAGE_CHARACTERS = 1000;

    /** Of a refused request's body: some seconds' worth on a slow line. */
    private static final long MOST_PASSED_OVER_BYTES = 64L << 20;

    private final HttpExchange exchange;
    private final StallWatch watch;
    private final Map<String, String> query;

    /**
     * @param watch over its client
     */
    Call(HttpExchange exchange, StallWatch watch) {
        this.exchange = exchange;
        this.watch = watch;
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

    /** Bytes of the body, when it was announced by a number. */
    OptionalLong contentLength() {
        return header("Content-Length").stream().mapToLong(Long::parseLong).findFirst();
    }

    InputStream body() {
        return watch.body(exchange.getRequestBody());
    }

    /** Adds a header to the answer. */
    Call with(String header, String value) {
        exchange.getResponseHeaders().add(header, value);
        return this;
    }

    /** Answers without a body. */
    void answer(int status) throws IOException {
        begin(status, -1);
    }

    private void begin(int status, long bytes) throws IOException {
        watch.within(
                () -> {
                    exchange.sendResponseHeaders(status, bytes);
                    return status;
                });
    }

    private interface Writing {
        void to(OutputStream out) throws IOException;
    }

    /** Closing takes time as well: the server reads what the client goes on sending for a while. */
    private void write(Writing writing) throws IOException {
        OutputStream out = exchange.getResponseBody();
        boolean whole = false;
        try {
            writing.to(out);
            whole = true;
        } finally {
            if (!whole) {
                cutOff(out);
            }
        }
        step(out::close);
    }

    /**
     * Closes the connection in the middle of an answer. The JDK's server (25) has no call for that
     * and would leave it open, the client waiting for the rest; a channel closes when a thread that
     * is interrupted uses it.
     */
    private static void cutOff(OutputStream out) {
        Thread.currentThread().interrupt();
        try {
            out.write(0);
            out.flush();
        } catch (IOException closed) {
            LOG.tracef("cut off: %s", closed);
        } finally {
            Thread.interrupted();
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private void step(Step step) throws IOException {
        watch.within(
                () -> {
                    step.run();
                    return true;
                });
    }

    /** Answers with a body, of which HEAD gets the length alone. */
    void answer(int status, String type, byte[] body) throws IOException {
        with("Content-Type", type);
        if (method().equals("HEAD")) {
            head(status, body.length);
            return;
        }
        begin(status, body.length == 0 ? -1 : body.length);
        write(out -> step(() -> out.write(body)));
    }

    void json(int status, Object body) throws IOException {
        answer(status, "application/json", Json.write(body));
    }

    /** Answers HEAD about a body of that many bytes. */
    void head(int status, long bytes) throws IOException {
        with("Content-Length", Long.toString(bytes));
        begin(status, -1);
    }

    /** Answers with the first bytes of a stream. */
    void stream(int status, InputStream body, long bytes) throws IOException {
        begin(status, bytes == 0 ? -1 : bytes);
        write(out -> copy(body, out, bytes));
    }

    private void copy(InputStream body, OutputStream out, long bytes) throws IOException {
        byte[] buffer = new byte[128 * 1024];
        for (long left = bytes; left > 0; ) {
            int n = body.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (n < 0) {
                throw new IOException("the blob has become shorter");
            }
            step(() -> out.write(buffer, 0, n));
            left -= n;
        }
    }

    /** Ends the call; what is left of the request is not waited for long. */
    void end() throws IOException {
        step(exchange::close);
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
        if (fault.code() != Code.UNAUTHORIZED) {
            passOver();
        }
        json(
                fault.status(),
                new Problems(List.of(new Problem(fault.code().name(), shown(fault), Map.of()))));
    }

    /**
     * Reads what the client still sends, within bounds. A connection that is closed over unread
     * bytes is reset, and with it goes the answer that says why (RFC 9112, section 9.6).
     */
    private void passOver() {
        try (InputStream rest = body()) {
            rest.skip(MOST_PASSED_OVER_BYTES);
        } catch (IOException brokenOff) {
            LOG.tracef("nobody reads the answer: %s", brokenOff);
        }
    }

    /** Documents and names of strangers are quoted in it. */
    private static String shown(RegistryFault fault) {
        String sentence = fault.sentence();
        return sentence.length() <= MOST_MESSAGE_CHARACTERS
                ? sentence
                : sentence.substring(0, MOST_MESSAGE_CHARACTERS) + "…";
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
