package dev.hearth.imagecache.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.manifest.Platform;
import dev.hearth.imagecache.source.Digests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How a registry's tokens are got, shown and renewed. */
@Timeout(30)
class TokenTest {
    private static final byte[] CONTENT = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);
    private static final String MANIFEST = "/v2/team/app/manifests/1";

    @TempDir Path temp;
    private final RegistryHttp http = TestRegistry.http();
    private TestRegistry registry;

    @BeforeEach
    void setUp() throws IOException {
        registry = new TestRegistry();
    }

    @AfterEach
    void tearDown() {
        registry.close();
        http.close();
    }

    @Test
    void find_identityToken_exchangedByPost() throws IOException {
        List<String> forms = new CopyOnWriteArrayList<>();
        registry.answer(
                "/token",
                e -> {
                    forms.add(
                            e.getRequestHeaders().getFirst("Content-Type")
                                    + " "
                                    + new String(
                                            e.getRequestBody().readAllBytes(),
                                            StandardCharsets.UTF_8));
                    TestRegistry.respond(e, 200, json("{\"access_token\":\"t\"}"));
                });
        protectedBy("t");
        logIn("{\"identitytoken\":\"refresh+me\"}");

        find();

        assertThat(forms)
                .containsExactly(
                        "application/x-www-form-urlencoded service=here"
                                + "&scope=repository%3Ateam%2Fapp%3Apull"
                                + "&grant_type=refresh_token&client_id=hearth"
                                + "&refresh_token=refresh%2Bme");
        assertThat(registry.seen("POST /token")).containsExactly("POST /token null");
    }

    @Test
    void find_basicWantedAndIdentityTokenKnown_tokenNotShown() throws IOException {
        registry.answer(MANIFEST, e -> TestRegistry.challenge(e, "Basic realm=\"x\""));
        logIn("{\"identitytoken\":\"refresh\"}");

        assertReason("image-not-found");
        assertThat(registry.seen).allMatch(line -> line.endsWith(" null"));
    }

    @Test
    void find_userNameThatMeansToken_exchangedByPost() throws IOException {
        registry.tokenServer("{\"token\":\"t\"}");
        protectedBy("t");
        logIn("{\"username\":\"<token>\",\"password\":\"refresh\"}");

        find();

        assertThat(registry.seen("POST /token")).hasSize(1);
    }

    @Test
    void find_challengesScope_askedFor() throws IOException {
        registry.tokenServer("{\"token\":\"\",\"access_token\":\"t\"}");
        registry.answer(
                MANIFEST,
                e -> {
                    if (TestRegistry.authorization(e).equals("Bearer t")) {
                        TestRegistry.respond(e, 200, CONTENT);
                    } else {
                        TestRegistry.challenge(
                                e,
                                "Negotiate, Basic realm=\"a, b\"",
                                "Bearer realm=\"http://"
                                        + registry.host()
                                        + "/token?v=2\",scope=\"repository:inside/app:pull,push\"");
                    }
                });

        find();

        assertThat(registry.seen("GET /token"))
                .containsExactly("GET /token?v=2&scope=repository%3Ainside%2Fapp%3Apull null");
    }

    @Test
    void find_tokenServerStumbles_askedAgain() throws IOException {
        AtomicInteger calls = new AtomicInteger();
        registry.answer(
                "/token",
                e ->
                        TestRegistry.respond(
                                e,
                                calls.incrementAndGet() == 1 ? 503 : 200,
                                json("{\"token\":\"t\"}")));
        protectedBy("t");

        find();

        assertThat(calls).hasValue(2);
    }

    @Test
    void find_everyTokenRefused_oneAskedForOneRequest() {
        registry.tokenServer("{\"token\":\"t\"}");
        protectedBy("another");

        assertReason("image-not-found");
        assertThat(registry.seen("GET /token")).hasSize(1);
        assertThat(registry.seen("GET " + MANIFEST)).hasSize(2);
    }

    @Test
    void find_tokenThatWouldSplitTheHeader_notUsed() {
        registry.tokenServer("{\"token\":\"t\\r\\nX: y\"}");
        protectedBy("t");

        assertReason("image-not-found");
    }

    @Test
    void find_realmAtLinkLocalAddress_notCalled() throws IOException {
        for (String realm :
                List.of(
                        "http://169.254.169.254/latest/",
                        "http://[fe80::1]/",
                        "http://0.0.0.0:" + registry.port() + "/token",
                        "file:///etc/passwd",
                        "http://user:pw@127.0.0.1/",
                        "no address")) {
            logIn("{\"username\":\"me\",\"password\":\"secret\"}");
            registry.answer(
                    MANIFEST, e -> TestRegistry.challenge(e, "Bearer realm=\"" + realm + "\""));

            assertReason("registry-unavailable");
        }
        assertThat(registry.seen("GET /token")).isEmpty();
    }

    @Test
    void find_redirectTargetWantsALogIn_notAnswered() throws IOException {
        try (TestRegistry other = new TestRegistry()) {
            registry.answer(
                    MANIFEST, e -> TestRegistry.redirect(e, "http://" + other.host() + "/"));
            other.answer(
                    "/",
                    e ->
                            TestRegistry.challenge(
                                    e,
                                    "Bearer realm=\"http://" + other.host() + "/token\"",
                                    "Basic realm=\"x\""));
            logIn("{\"username\":\"me\",\"password\":\"secret\"}");

            assertReason("image-not-found");
            assertThat(other.seen).containsExactly("GET / null");
        }
    }

    private void protectedBy(String token) {
        registry.answer(
                MANIFEST,
                e -> {
                    if (registry.challenged(e, token)) {
                        TestRegistry.respond(e, 200, CONTENT);
                    }
                });
    }

    private void logIn(String entry) throws IOException {
        Files.writeString(
                temp.resolve("log-ins"), "{\"auths\":{\"" + registry.host() + "\":" + entry + "}}");
    }

    private void assertReason(String reason) {
        assertThatThrownBy(this::find)
                .hasMessageNotContaining("secret")
                .extracting(e -> ((HearthException) e).reason())
                .isEqualTo(reason);
    }

    private void find() {
        RegistrySource source =
                TestRegistry.source(
                        registry.host() + "/team/app:1",
                        http,
                        TestRegistry.options(
                                Mirrors.NONE, new DockerCredentials(temp.resolve("log-ins"))));
        assertThat(source.find(Platform.host()).digest()).isEqualTo(Digests.of(CONTENT));
    }

    private static byte[] json(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
