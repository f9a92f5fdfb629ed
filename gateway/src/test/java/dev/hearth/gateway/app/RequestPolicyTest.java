package dev.hearth.gateway.app;

import static dev.hearth.gateway.app.TestGateway.await;
import static dev.hearth.testing.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.RateLimit;
import dev.hearth.contracts.RequestPolicy;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.oidc.JwtCallers;
import dev.hearth.gateway.oidc.TestIssuer;
import dev.hearth.testing.Revisions;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwt.JwtClaims;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rate limits, session affinity and receipts on request, between real sockets. */
class RequestPolicyTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient();

    /** Requests to {@code /held}, which the container has not answered yet. */
    private final ConcurrentLinkedQueue<HttpServerRequest> held = new ConcurrentLinkedQueue<>();

    private int container;
    private final AtomicReference<TestGateway> door = new AtomicReference<>();

    @BeforeEach
    void listen() throws Exception {
        container =
                await(vertx.createHttpServer().requestHandler(this::answer).listen(0, "127.0.0.1"))
                        .actualPort();
    }

    @AfterEach
    void close() throws Exception {
        door.get().close();
        await(vertx.close());
    }

    /** Says which headers it was sent. */
    private void answer(HttpServerRequest request) {
        if (request.path().equals("/held")) {
            held.add(request);
            return;
        }
        request.response()
                .end(request.headers().names() + " " + request.headers().getAll("Cookie"));
    }

    private void serve(RequestPolicy policy) throws Exception {
        door.set(
                new TestGateway(
                        vertx, container, Revisions.of("hello", 1, policy), Optional.empty()));
    }

    private void limited(String service, String perClient) throws Exception {
        serve(policy(service, perClient));
    }

    private static RequestPolicy policy(String service, String perClient) {
        return new RequestPolicy(
                TIMEOUT, false, RateLimit.parse(service), RateLimit.parse(perClient));
    }

    private RequestOptions to(String path) {
        return new RequestOptions()
                .setHost("127.0.0.1")
                .setPort(door.get().port)
                .setURI(path)
                .putHeader("Host", "hello.localhost");
    }

    private HttpClientResponse get(RequestOptions options) throws Exception {
        return await(
                client.request(options)
                        // within one step: a body that comes before somebody wants it is lost
                        .compose(request -> request.send().compose(r -> r.body().map(r))));
    }

    @Test
    void rateLimit_reached_429WithTheTimeToWait() throws Exception {
        limited("2/m", "none");
        assertThat(get(to("/")).statusCode()).isEqualTo(200);
        assertThat(get(to("/")).statusCode()).isEqualTo(200);

        HttpClientResponse refused = get(to("/"));

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.getHeader("X-Hearth-Error")).isEqualTo("rate-limited");
        assertThat(Integer.parseInt(refused.getHeader("Retry-After"))).isBetween(20, 30);
        assertThat(await(refused.body()).toString()).contains("limited to 2/m");
        assertThat(door.get().traffic.activeRequests()).isZero();
    }

    @Test
    void clientRateLimit_reached_namesTheClient() throws Exception {
        limited("none", "1/h");
        get(to("/"));
        HttpClientResponse refused = get(to("/"));
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.getHeader("X-Hearth-Error")).isEqualTo("client-rate-limited");
    }

    @Test
    void rateLimit_ofTheNextRevision_goesOnWithWhatWasUsed() throws Exception {
        limited("1/h", "none");
        get(to("/"));

        route(Revisions.of("hello", 2, policy("1/h", "none")));
        assertThat(get(to("/")).statusCode()).isEqualTo(429);

        route(Revisions.of("hello", 3, policy("2/h", "none")));
        assertThat(get(to("/")).statusCode()).isEqualTo(200);
    }

    private void route(RevisionSpec revision) {
        door.get().traffic.replace(RouteTable.of(Map.of(new ServiceName("hello"), revision)));
    }

    @Test
    void rateLimit_reachedWhileNothingRuns_wakesNothing() throws Exception {
        limited("1/h", "none");
        get(to("/"));
        await(
                Future.fromCompletionStage(
                        door.get().traffic.stopInstances(new ServiceName("hello"))));

        assertThat(get(to("/")).statusCode()).isEqualTo(429);

        assertThat(door.get().runtime.starts()).isEqualTo(1);
    }

    @Test
    void affinity_secondRequest_goesToTheInstanceOfTheFirst() throws Exception {
        serve(new RequestPolicy(TIMEOUT, true, RateLimit.NONE, RateLimit.NONE));
        var parked = client.request(to("/held")).compose(request -> request.send());
        until(() -> !held.isEmpty());
        String second = cookie(get(to("/"))); // the first instance is busy: another one is started
        held.remove().response().end();
        String first = cookie(await(parked));
        assertThat(second).isNotEqualTo(first);

        for (int i = 0; i < 8; i++) {
            assertThat(setCookies(get(to("/").putHeader("Cookie", second)))).isEmpty();
            assertThat(setCookies(get(to("/").putHeader("Cookie", first)))).isEmpty();
        }
    }

    @Test
    void affinity_instanceGone_anotherServesAndIsRemembered() throws Exception {
        serve(new RequestPolicy(TIMEOUT, true, RateLimit.NONE, RateLimit.NONE));
        String gone = cookie(get(to("/")));
        await(
                Future.fromCompletionStage(
                        door.get().traffic.stopInstances(new ServiceName("hello"))));

        HttpClientResponse answer = get(to("/").putHeader("Cookie", gone));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(cookie(answer)).isNotEqualTo(gone);
        assertThat(get(to("/").putHeader("Cookie", "hearth-affinity=forged")).statusCode())
                .isEqualTo(200);
    }

    @Test
    void affinityCookie_isForThePlatformAlone() throws Exception {
        serve(new RequestPolicy(TIMEOUT, true, RateLimit.NONE, RateLimit.NONE));
        HttpClientResponse first = get(to("/"));
        assertThat(setCookies(first).getFirst())
                .endsWith("; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax");
        HttpClientResponse answer = get(to("/").putHeader("Cookie", "a=1; " + cookie(first)));
        assertThat(await(answer.body()).toString()).endsWith("[a=1]");
    }

    @Test
    void affinity_off_setsNoCookie() throws Exception {
        limited("none", "none");
        assertThat(setCookies(get(to("/")))).isEmpty();
    }

    @Test
    void receipt_ofAWarmRequest_onRequestOnly() throws Exception {
        limited("none", "none");
        get(to("/"));
        assertThat(get(to("/")).getHeader("Server-Timing")).isNull();

        HttpClientResponse told = get(to("/").putHeader("X-Hearth-Receipt", "1"));

        assertThat(told.getHeader("Server-Timing"))
                .matches("queue;dur=0.000, gateway;dur=[0-9.]+, app;dur=[0-9.]+");
        assertThat(await(told.body()).toString().toLowerCase(Locale.ROOT))
                .doesNotContain("receipt");
    }

    private static List<String> setCookies(HttpClientResponse answer) {
        return answer.headers().getAll("Set-Cookie");
    }

    /** The one cookie that was set, as it is sent back. */
    private static String cookie(HttpClientResponse answer) {
        assertThat(setCookies(answer)).hasSize(1);
        String set = setCookies(answer).getFirst();
        return set.substring(0, set.indexOf(';'));
    }

    private void serveWithToken() throws Exception {
        serve(policy("none", "none"));
        RevisionSpec revision = Revisions.of("hello", 1, policy("none", "none"));
        Route onlyWithToken =
                new Route(Invokers.TOKEN, List.of(new Route.Share(revision, 100, List.of("next"))));
        door.get().traffic.replace(new RouteTable(Map.of(revision.service(), onlyWithToken)));
    }

    @Test
    void privateService_withoutTheToken_401AndNothingIsWoken() throws Exception {
        serveWithToken();
        for (String shown : List.of("", "Bearer wrong", "Basic aW52b2tlci1zZWNyZXQ=", "Bearer")) {
            RequestOptions request = to("/");
            if (!shown.isEmpty()) {
                request.putHeader("Authorization", shown);
            }
            HttpClientResponse refused = get(request);
            assertThat(refused.statusCode()).as(shown).isEqualTo(401);
            assertThat(refused.getHeader("WWW-Authenticate")).isEqualTo("Bearer");
            assertThat(refused.getHeader("X-Hearth-Error"))
                    .isEqualTo(shown.isEmpty() ? "not-authenticated" : "invalid-token");
        }
        RequestOptions byTag = to("/");
        byTag.putHeader("Host", "next---hello.localhost");
        assertThat(get(byTag).statusCode()).isEqualTo(401);
        assertThat(door.get().traffic.pools()).allMatch(p -> p.ready() == 0 && p.starting() == 0);
    }

    @Test
    void privateService_withTheToken_containerDoesNotSeeIt() throws Exception {
        serveWithToken();

        HttpClientResponse answer =
                get(to("/").putHeader("Authorization", "bearer invoker-secret"));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(await(answer.body()).toString().toLowerCase(Locale.ROOT))
                .doesNotContain("authorization");
    }

    @Test
    void privateService_tokenInItsOwnHeader_theOtherOneIsTheServices() throws Exception {
        serveWithToken();

        HttpClientResponse answer =
                get(
                        to("/").putHeader("X-Serverless-Authorization", "Bearer invoker-secret")
                                .putHeader("Authorization", "Bearer of-the-service"));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(await(answer.body()).toString().toLowerCase(Locale.ROOT))
                .contains("authorization")
                .doesNotContain("x-serverless-authorization");
    }

    private void serveFor(TestIssuer issuer) throws Exception {
        serve(policy("none", "none"));
        RevisionSpec revision = Revisions.of("hello", 1, policy("none", "none"));
        Route route =
                new Route(
                        new Invokers.Jwt(issuer.url(), "hello", List.of("alice")),
                        List.of(new Route.Share(revision, 100, List.of())));
        door.get().traffic.replace(new RouteTable(Map.of(revision.service(), route)));
    }

    @Test
    void serviceOfAnIssuer_withItsToken_containerSeesWhoAndCannotCall() throws Exception {
        try (TestIssuer issuer = new TestIssuer()) {
            String token = TestIssuer.sign(issuer.claims(Clock.system().now()), issuer.rsa("one"));
            serveFor(issuer);

            for (int i = 0; i < 3; i++) {
                HttpClientResponse answer =
                        get(to("/").putHeader("Authorization", "Bearer " + token));
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(await(answer.body()).toString().toLowerCase(Locale.ROOT))
                        .contains("authorization");
            }
            assertThat(issuer.asked).hasSize(2);
            MultiMap headers = MultiMap.caseInsensitiveMultiMap();
            headers.set("Authorization", "Bearer " + token);
            JwtCallers.remove(headers);
            assertThat(headers.get("Authorization"))
                    .startsWith("Bearer " + token.substring(0, token.lastIndexOf('.') + 1))
                    .endsWith(".SIGNATURE_REMOVED_BY_HEARTH");
            HttpClientResponse other =
                    get(
                            to("/").putHeader("X-Serverless-Authorization", "Bearer " + token)
                                    .putHeader("Authorization", "Basic x"));
            assertThat(other.statusCode()).isEqualTo(200);
            assertThat(await(other.body()).toString().toLowerCase(Locale.ROOT))
                    .doesNotContain("x-serverless");
        }
    }

    @Test
    void serviceOfAnIssuer_withoutItsToken_refusedAndNothingIsWoken() throws Exception {
        try (TestIssuer issuer = new TestIssuer()) {
            PublicJsonWebKey key = issuer.rsa("one");
            serveFor(issuer);
            JwtClaims claims = issuer.claims(Clock.system().now());
            claims.setAudience("other");
            for (String shown :
                    List.of(
                            "",
                            "Bearer x",
                            "Bearer invoker-secret",
                            "Bearer " + TestIssuer.sign(claims, key))) {
                RequestOptions request = to("/");
                if (!shown.isEmpty()) {
                    request.putHeader("Authorization", shown);
                }
                HttpClientResponse refused = get(request);
                assertThat(refused.statusCode()).as(shown).isEqualTo(401);
                assertThat(refused.getHeader("WWW-Authenticate")).isEqualTo("Bearer");
            }
            JwtClaims bobs = issuer.claims(Clock.system().now());
            bobs.setSubject("bob");
            HttpClientResponse forbidden =
                    get(to("/").putHeader("Authorization", "Bearer " + TestIssuer.sign(bobs, key)));
            assertThat(forbidden.statusCode()).isEqualTo(403);
            assertThat(forbidden.getHeader("X-Hearth-Error")).isEqualTo("caller-not-allowed");
            assertThat(door.get().traffic.pools())
                    .allMatch(p -> p.ready() == 0 && p.starting() == 0);
        }
    }
}
