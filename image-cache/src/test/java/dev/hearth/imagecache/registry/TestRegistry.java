package dev.hearth.imagecache.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.hearth.contracts.Clock;
import dev.hearth.imagecache.Deadline;
import dev.hearth.imagecache.reference.ImageReference;
import dev.hearth.imagecache.reference.ReferenceParser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A registry on a loopback port whose every answer a test writes out. */
final class TestRegistry implements AutoCloseable {
    /** Retries as often as in earnest, and sooner. */
    static final Patience QUICK =
            new Patience(Patience.BLOB_RETRIES, Duration.ofMillis(5), Duration.ofMillis(20));

    static final Duration STALL = Duration.ofMillis(500);

    /** One line for each request: {@code GET /path authorization}. */
    final List<String> seen = new CopyOnWriteArrayList<>();

    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService serving = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;

    /** What a registry does with one request; it hangs up in the middle by an IOException. */
    interface Handler {
        void handle(HttpExchange exchange) throws IOException, InterruptedException;
    }

    TestRegistry() throws IOException {
        this(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    }

    TestRegistry(HttpServer server) {
        this.server = server;
        server.setExecutor(serving);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    String host() {
        return "127.0.0.1:" + port();
    }

    /** What it answers below a path; an earlier answer is forgotten. */
    void answer(String path, Handler handler) {
        try {
            server.removeContext(path);
        } catch (IllegalArgumentException e) {
            // There was none.
        }
        server.createContext(
                path,
                exchange -> {
                    seen.add(
                            exchange.getRequestMethod()
                                    + " "
                                    + exchange.getRequestURI()
                                    + " "
                                    + authorization(exchange));
                    try {
                        handler.handle(exchange);
                        exchange.close();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    void answer(String path, int status, byte[] body) {
        answer(path, e -> respond(e, status, body));
    }

    /** The requests whose line begins so. */
    List<String> seen(String prefix) {
        return seen.stream().filter(line -> line.startsWith(prefix)).toList();
    }

    /** A token server at {@code /token}. */
    void tokenServer(String json) {
        answer("/token", 200, json.getBytes(StandardCharsets.UTF_8));
    }

    /** Answers 401 unless the request has the token. */
    boolean challenged(HttpExchange e, String token) throws IOException {
        if (("Bearer " + token).equals(authorization(e))) {
            return true;
        }
        challenge(e, "Bearer realm=\"http://" + host() + "/token\",service=\"here\",scope=\"x\"");
        return false;
    }

    static void challenge(HttpExchange e, String... challenges) throws IOException {
        for (String challenge : challenges) {
            e.getResponseHeaders().add("WWW-Authenticate", challenge);
        }
        respond(e, 401, new byte[0]);
    }

    static String authorization(HttpExchange e) {
        return String.valueOf(e.getRequestHeaders().getFirst("Authorization"));
    }

    static void redirect(HttpExchange e, String location) throws IOException {
        e.getResponseHeaders().add("Location", location);
        respond(e, 307, new byte[0]);
    }

    static void respond(HttpExchange e, int status, byte[] body) throws IOException {
        e.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        e.getResponseBody().write(body);
    }

    /** Holds a request until the test is over. */
    void hang() throws InterruptedException {
        end.await(20, TimeUnit.SECONDS);
    }

    boolean isOver() {
        return end.getCount() == 0;
    }

    static RegistryHttp http() {
        return new RegistryHttp(Clock.system(), STALL);
    }

    static Deadline deadline() {
        return new Deadline(Clock.system(), Duration.ofSeconds(20));
    }

    /** Options without log-ins. */
    static RegistryOptions options(Mirrors mirrors) {
        return options(mirrors, new DockerCredentials(Path.of("/nowhere/config.json")));
    }

    static RegistryOptions options(Mirrors mirrors, DockerCredentials credentials) {
        return new RegistryOptions(
                new RegistryPolicy(Set.of()), credentials, mirrors, java.util.Optional.empty());
    }

    static RegistrySource source(String reference, RegistryHttp http, RegistryOptions options) {
        return new RegistrySource(image(reference), http, options, deadline(), QUICK);
    }

    static ImageReference.Registry image(String reference) {
        return (ImageReference.Registry) ReferenceParser.parse(reference);
    }

    @Override
    public void close() {
        end.countDown();
        server.stop(0);
        serving.shutdownNow();
    }
}
