package dev.hearth.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TrustedProxies;
import dev.hearth.gateway.acme.Challenges;
import dev.hearth.gateway.forward.InvokerToken;
import dev.hearth.gateway.peer.PassedOn;
import dev.hearth.gateway.peer.Peers;
import dev.hearth.gateway.route.HostNames;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.route.Traffic;
import dev.hearth.gateway.trace.Tracing;
import dev.hearth.gateway.usage.Metering;
import dev.hearth.testing.Eventually;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.Ports;
import dev.hearth.testing.Revisions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two gateways, each with a container of its own, so that one sees which of them had a request. */
class PeersTest {
    private static final String TOKEN = "the-cluster-token-of-this-test-0123456789";

    private final Vertx vertx = Vertx.vertx();
    private final int portA = Ports.free();
    private final int portB = Ports.free();
    private final HttpClient client = vertx.createHttpClient();
    private final HttpClient client2 =
            vertx.createHttpClient(
                    new HttpClientOptions()
                            .setProtocolVersion(HttpVersion.HTTP_2)
                            .setHttp2ClearTextUpgrade(false));
    private Gateway a;
    private Gateway b;

    private final class Gateway {
        final String name;
        final int port;
        final Peers peers;
        final Traffic traffic;
        final FakeRuntime runtime;
        final DataPath path;

        Gateway(String name, int port) throws Exception {
            this.name = name;
            this.port = port;
            HttpServer container = await(container(name));
            this.peers =
                    new Peers(
                            vertx,
                            new Peers.Settings(
                                    name,
                                    List.of("127.0.0.1:" + portA, "127.0.0.1:" + portB),
                                    TOKEN,
                                    TOKEN::equals),
                            Clock.system());
            Routes routes = new Routes(new HostNames("localhost"));
            this.runtime = new FakeRuntime("127.0.0.1", container.actualPort()).startAtOnce();
            this.traffic = new Traffic(routes, runtime, Clock.system(), Metering.UNREAD, peers);
            peers.onChange(traffic::rehome);
            peers.onStop(traffic::stopHere);
            this.path =
                    new DataPath(
                            vertx,
                            routes,
                            Tracing.silent(Clock.system()),
                            Clock.system(),
                            0,
                            Optional::empty,
                            Optional.empty(),
                            new Challenges(),
                            new InvokerToken("invoker-secret"),
                            Optional.empty(),
                            Optional.of(peers),
                            TrustedProxies.NONE);
            await(path.listen("127.0.0.1", port, Optional.empty()));
            peers.start();
            peers.serve();
        }

        void serve(ServiceName service) {
            traffic.replace(RouteTable.of(Map.of(service, Revisions.of(service.value(), 10, 3))));
        }

        void close() {
            peers.close();
            path.close();
        }
    }

    /** Echoes bodies and WebSocket messages; says who it is, and what it was told. */
    private Future<HttpServer> container(String name) {
        return vertx.createHttpServer(new HttpServerOptions())
                .webSocketHandler(socket -> socket.textMessageHandler(socket::writeTextMessage))
                .requestHandler(
                        request -> {
                            request.response()
                                    .putHeader("who", name)
                                    .putHeader(
                                            "passed",
                                            Boolean.toString(
                                                    request.headers().contains(PassedOn.HEADER)))
                                    .putHeader("for", request.headers().get("x-forwarded-for"))
                                    .setChunked(true);
                            request.pipeTo(request.response());
                        })
                .listen(0, "127.0.0.1");
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @BeforeEach
    void start() throws Exception {
        a = new Gateway("a", portA);
        b = new Gateway("b", portB);
        Eventually.until(() -> a.peers.hasOthers() && b.peers.hasOthers());
    }

    @AfterEach
    void stop() throws Exception {
        a.close();
        b.close();
        await(vertx.close());
    }

    /** A service that b sees to, and both route. */
    private ServiceName atB() {
        for (int i = 0; ; i++) {
            ServiceName service = new ServiceName("s" + i);
            if (a.peers.elsewhere(service).isPresent()) {
                a.serve(service);
                b.serve(service);
                return service;
            }
        }
    }

    private RequestOptions to(Gateway gateway, ServiceName service, HttpMethod method) {
        return new RequestOptions()
                .setServer(SocketAddress.inetSocketAddress(gateway.port, "127.0.0.1"))
                .setHost(service + ".localhost")
                .setPort(80)
                .setMethod(method)
                .setURI("/");
    }

    private HttpClientResponse ask(HttpClient by, Gateway gateway, ServiceName service, Buffer body)
            throws Exception {
        HttpClientRequest request = await(by.request(to(gateway, service, HttpMethod.POST)));
        CompletableFuture<Buffer> whole = new CompletableFuture<>();
        HttpClientResponse response =
                await(
                        request.send(body)
                                .onSuccess(
                                        r ->
                                                r.body()
                                                        .onSuccess(whole::complete)
                                                        .onFailure(whole::completeExceptionally)));
        assertThat(whole.get(20, TimeUnit.SECONDS)).isEqualTo(body);
        return response;
    }

    @Test
    void body_goesToTheHomeAndBack_inEitherProtocol() throws Exception {
        ServiceName service = atB();
        Buffer much = Buffer.buffer("0123456789".repeat(200_000));
        for (HttpClient by : List.of(client, client2)) {
            HttpClientResponse response = ask(by, a, service, much);
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.getHeader("who")).isEqualTo("b");
            assertThat(response.getHeader("passed")).isEqualTo("false");
            assertThat(response.getHeader("for")).isEqualTo("127.0.0.1");
        }
        assertThat(ask(client, b, service, much).getHeader("who")).isEqualTo("b");
        assertThat(a.runtime.starts()).isZero();
        Eventually.until(() -> a.peers.passing() == 0);
    }

    @Test
    void webSocket_isJoinedThroughBothGateways() throws Exception {
        ServiceName service = atB();
        WebSocket socket =
                await(
                        vertx.createWebSocketClient()
                                .connect(
                                        new WebSocketConnectOptions()
                                                .setHost("127.0.0.1")
                                                .setPort(a.port)
                                                .addHeader("Host", service + ".localhost")
                                                .setURI("/")));
        CompletableFuture<String> echo = new CompletableFuture<>();
        socket.textMessageHandler(echo::complete);
        await(socket.writeTextMessage("hello"));
        assertThat(echo.get(10, TimeUnit.SECONDS)).isEqualTo("hello");
        assertThat(a.peers.passing()).isEqualTo(1);
        await(socket.close());
        Eventually.until(() -> a.peers.passing() == 0);
    }

    @Test
    void homeThatIsGone_isReplacedByWhoeverHasTheRequest() throws Exception {
        ServiceName service = atB();
        b.close();
        assertThat(ask(client, a, service, Buffer.buffer("x")).getHeader("who")).isEqualTo("a");
    }

    @Test
    void homeThatLeaves_handsOverAndPassesOn() throws Exception {
        ServiceName service = atB();
        assertThat(ask(client, a, service, Buffer.buffer("x")).getHeader("who")).isEqualTo("b");
        await(b.peers.leave());
        assertThat(ask(client, b, service, Buffer.buffer("x")).getHeader("who")).isEqualTo("a");
        assertThat(ask(client, a, service, Buffer.buffer("x")).getHeader("who")).isEqualTo("a");
        Eventually.until(
                () ->
                        b.runtime.stops().stream()
                                .anyMatch(
                                        s -> s.reason() == dev.hearth.contracts.StopReason.MOVED));
    }

    @Test
    void stop_isTheHomesToDo_whicheverGatewayWasAsked() throws Exception {
        ServiceName service = atB();
        ask(client, a, service, Buffer.buffer("x"));
        assertThat(b.runtime.instances()).hasSize(1);
        a.traffic.stopInstances(service).toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertThat(b.runtime.instances()).isEmpty();
    }

    /** Somebody without the token is a client like any other. */
    @Test
    void forgedHeader_isNotBelieved() throws Exception {
        ServiceName service = atB();
        HttpClientRequest request = await(client.request(to(b, service, HttpMethod.GET)));
        request.putHeader(
                PassedOn.HEADER, new PassedOn("a", 1, "6.6.6.6", "https").header("another-token"));
        HttpClientResponse response = await(request.send());
        assertThat(response.getHeader("for")).isEqualTo("127.0.0.1");
        assertThat(response.getHeader("passed")).isEqualTo("false");
    }

    @Test
    void items_areAskedOfTheOthers_andToldToNobodyElse() throws Exception {
        Eventually.until(
                "each knows the other",
                Duration.ofSeconds(60),
                () -> a.peers.others().size() == 1 && b.peers.others().size() == 1);
        b.peers.onItems(question -> CompletableFuture.completedFuture("of b: " + question));
        assertThat(a.peers.items("hello 1 2 3").toCompletableFuture().get(20, TimeUnit.SECONDS))
                .containsExactly("of b: hello 1 2 3");

        b.peers.onItems(
                question -> CompletableFuture.failedFuture(new IllegalStateException("no disk")));
        assertThat(a.peers.items("hello 1 2 3").toCompletableFuture().get(20, TimeUnit.SECONDS))
                .isEmpty();

        HttpClientRequest stranger =
                await(client.request(HttpMethod.GET, b.port, "127.0.0.1", "/.hearth/items"));
        stranger.putHeader("hearth-gateway", "a").putHeader("hearth-question", "hello 1 2 3");
        assertThat(await(stranger.send()).statusCode()).isEqualTo(404);
    }
}
