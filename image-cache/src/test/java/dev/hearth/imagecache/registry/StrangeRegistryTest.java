package dev.hearth.imagecache.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.Deadline;
import dev.hearth.imagecache.manifest.Descriptor;
import dev.hearth.imagecache.manifest.MediaTypes;
import dev.hearth.imagecache.manifest.Platform;
import dev.hearth.imagecache.reference.ImageReference;
import dev.hearth.imagecache.reference.ReferenceParser;
import dev.hearth.imagecache.source.Digests;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Registries that a registry program would never be: each answer is written out here. */
@Timeout(30)
class StrangeRegistryTest {
    private static final byte[] CONTENT = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);
    private static final Digest DIGEST = Digests.of(CONTENT);

    @TempDir Path temp;
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService serving = Executors.newVirtualThreadPerTaskExecutor();
    private final RegistryHttp http = new RegistryHttp(Clock.system(), Duration.ofMillis(500));
    private HttpServer server;

    @BeforeEach
    void setUp() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(serving);
        server.start();
    }

    @AfterEach
    void tearDown() {
        end.countDown();
        server.stop(0);
        serving.shutdownNow();
        http.close();
    }

    @Test
    void find_tokenWanted_fetchedOnceForAnybody() {
        tokenServer("anonymous");
        protectedManifest("anonymous");
        RegistrySource source = source();

        assertThat(source.find(Platform.host()).digest()).isEqualTo(DIGEST);
        assertThat(source.document(DIGEST)).isEqualTo(CONTENT);
        assertThat(seen).filteredOn(s -> s.startsWith("token")).hasSize(1);
        assertThat(seen).contains("token service=here&scope=repository%3Ateam%2Fapp%3Apull null");
    }

    @Test
    void find_tokenWantedAndLogInKnown_logInSentToTokenServerOnly() throws IOException {
        String basic =
                "Basic "
                        + Base64.getEncoder()
                                .encodeToString("me:secret".getBytes(StandardCharsets.UTF_8));
        Files.writeString(
                temp.resolve("log-ins"),
                "{\"auths\":{\"" + host() + "\":{\"username\":\"me\",\"password\":\"secret\"}}}");
        tokenServer("mine");
        protectedManifest("mine");

        source().find(Platform.host());

        assertThat(seen).anyMatch(s -> s.startsWith("token") && s.endsWith(basic));
        assertThat(seen)
                .filteredOn(s -> s.startsWith("manifest"))
                .noneMatch(s -> s.endsWith(basic));
    }

    @Test
    void find_tokenServerRefuses_notFound() {
        answer("/token", e -> respond(e, 403, new byte[0]));
        protectedManifest("never");
        refused("image-not-found", "does not show it");
    }

    @Test
    void find_redirectToItself_endsAfterAFew() {
        AtomicInteger calls = new AtomicInteger();
        answer(
                "/v2/",
                e -> {
                    calls.incrementAndGet();
                    redirect(e, e.getRequestURI().toString());
                });
        refused("registry-unavailable", "redirects more than 5 times");
        assertThat(calls).hasValue(6);
    }

    @Test
    void find_redirectToFileOrLinkLocalOrNonsense_refused() {
        for (String location :
                List.of(
                        "file:///etc/passwd",
                        "http://169.254.169.254/x",
                        "http://[bad",
                        "ftp://x/")) {
            answer("/v2/", e -> redirect(e, location));
            refused("registry-unavailable", "does not deliver");
            server.removeContext("/v2/");
        }
    }

    @Test
    void blob_redirectToOtherServer_authorizationStaysBehind() throws IOException {
        tokenServer("t");
        HttpServer other =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        other.createContext(
                "/",
                e -> {
                    seen.add("other " + e.getRequestHeaders().getFirst("Authorization"));
                    try (e) {
                        respond(e, 200, CONTENT);
                    }
                });
        other.start();
        try {
            answer(
                    "/v2/",
                    e -> {
                        if (challenged(e, "t")) {
                            redirect(e, "http://127.0.0.1:" + other.getAddress().getPort() + "/b");
                        }
                    });
            try (InputStream in = source().blob(descriptor())) {
                assertThat(in.readAllBytes()).isEqualTo(CONTENT);
            }
            assertThat(seen).contains("other null");
        } finally {
            other.stop(0);
        }
    }

    @Test
    void find_stumblesTwice_thirdAnswerCounts() {
        AtomicInteger calls = new AtomicInteger();
        answer("/v2/", e -> respond(e, calls.incrementAndGet() < 3 ? 503 : 200, CONTENT));

        assertThat(source().find(Platform.host()).digest()).isEqualTo(DIGEST);
    }

    @Test
    void find_alwaysFails_unavailable() {
        answer("/v2/", e -> respond(e, 500, new byte[0]));
        refused("registry-unavailable", "status 500");
    }

    @Test
    void find_bodyWithoutEnd_refused() {
        answer(
                "/v2/",
                e -> {
                    e.sendResponseHeaders(200, 0);
                    OutputStream out = e.getResponseBody();
                    byte[] chunk = new byte[1 << 16];
                    while (end.getCount() > 0) {
                        out.write(chunk);
                    }
                });
        refused("corrupt-image", "more than 4194304 bytes");
    }

    @Test
    void blob_silentInTheMiddle_unavailableAfterStall() {
        answer(
                "/v2/",
                e -> {
                    e.sendResponseHeaders(200, 1000);
                    e.getResponseBody().write(1);
                    e.getResponseBody().flush();
                    await();
                });
        assertThatThrownBy(() -> source().blob(descriptor()).readAllBytes())
                .hasMessageContaining("was silent");
    }

    @Test
    void blob_oneByteAtATime_unavailableAsTooSlow() {
        Descriptor large = new Descriptor(MediaTypes.OCI_LAYER, DIGEST, 1 << 20);
        answer(
                "/v2/",
                e -> {
                    e.sendResponseHeaders(200, 0);
                    OutputStream out = e.getResponseBody();
                    while (!end.await(50, TimeUnit.MILLISECONDS)) {
                        out.write(1);
                        out.flush();
                    }
                });
        assertThatThrownBy(() -> source().blob(large).readAllBytes())
                .hasMessageContaining("sent only");
    }

    @Test
    void find_headersNeverCome_deadline() {
        answer("/v2/", e -> await());
        Deadline soon = new Deadline(Clock.system(), Duration.ofMillis(700));
        assertThatThrownBy(() -> source(soon).find(Platform.host()))
                .extracting(e -> ((HearthException) e).reason())
                .isIn("pull-timeout", "registry-unavailable");
    }

    @Test
    void find_digestAskedForOtherComes_returnedUnderTheDigestAskedFor() {
        answer("/v2/", e -> respond(e, 200, CONTENT));
        String other = "sha256:" + "0".repeat(64);
        RegistrySource source = source(host() + "/team/app@" + other, deadline());

        assertThat(source.find(Platform.host()).digest().value()).isEqualTo(other);
    }

    private interface Handler {
        void handle(HttpExchange exchange) throws IOException, InterruptedException;
    }

    private void answer(String path, Handler handler) {
        server.createContext(
                path,
                exchange -> {
                    try (exchange) {
                        handler.handle(exchange);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    private void tokenServer(String token) {
        answer(
                "/token",
                e -> {
                    seen.add(
                            "token "
                                    + e.getRequestURI().getRawQuery()
                                    + " "
                                    + e.getRequestHeaders().getFirst("Authorization"));
                    respond(
                            e,
                            200,
                            ("{\"token\":\"" + token + "\"}").getBytes(StandardCharsets.UTF_8));
                });
    }

    private void protectedManifest(String token) {
        answer(
                "/v2/team/app/manifests/",
                e -> {
                    if (challenged(e, token)) {
                        respond(e, 200, CONTENT);
                    }
                });
    }

    private boolean challenged(HttpExchange e, String token) throws IOException {
        String authorization = e.getRequestHeaders().getFirst("Authorization");
        seen.add("manifest " + authorization);
        if (("Bearer " + token).equals(authorization)) {
            return true;
        }
        e.getResponseHeaders()
                .add(
                        "WWW-Authenticate",
                        "Bearer realm=\"http://"
                                + host()
                                + "/token\",service=\"here\",scope=\"x\"");
        respond(e, 401, new byte[0]);
        return false;
    }

    private static void redirect(HttpExchange e, String location) throws IOException {
        e.getResponseHeaders().add("Location", location);
        respond(e, 307, new byte[0]);
    }

    private static void respond(HttpExchange e, int status, byte[] body) throws IOException {
        e.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        e.getResponseBody().write(body);
    }

    private void await() throws InterruptedException {
        assertThat(end.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private void refused(String reason, String message) {
        assertThatThrownBy(() -> source().find(Platform.host()))
                .hasMessageContaining(message)
                .extracting(e -> ((HearthException) e).reason())
                .isEqualTo(reason);
    }

    private static Deadline deadline() {
        return new Deadline(Clock.system(), Duration.ofSeconds(20));
    }

    private static Descriptor descriptor() {
        return new Descriptor(MediaTypes.OCI_LAYER, DIGEST, CONTENT.length);
    }

    private RegistrySource source() {
        return source(deadline());
    }

    private RegistrySource source(Deadline deadline) {
        return source(host() + "/team/app:1", deadline);
    }

    private RegistrySource source(String reference, Deadline deadline) {
        return new RegistrySource(
                (ImageReference.Registry) ReferenceParser.parse(reference),
                http,
                new RegistryOptions(
                        new RegistryPolicy(Set.of()),
                        new DockerCredentials(temp.resolve("log-ins"))),
                deadline,
                TestRegistry.QUICK);
    }
}
