package dev.hearth.gateway.forward;

import static dev.hearth.testing.Eventually.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.Warmth;
import dev.hearth.gateway.framing.Deadlines;
import dev.hearth.gateway.route.HostNames;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.route.Traffic;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.Revisions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A request to a frozen instance goes on when that is thawed, whichever way it is carried. */
class ThawTest {
    private static final String USUAL = "";
    private static final String BY_VERTX = "Transfer-Encoding: chunked\r\n\r\n0\r\n";

    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger served = new AtomicInteger();
    private final RevisionSpec hello = Revisions.of("hello", 80, 10);
    private FakeRuntime runtime = new FakeRuntime("127.0.0.1", 1);
    private InstanceId frozen = InstanceId.of(1);
    private Traffic traffic =
            new Traffic(new Routes(new HostNames("localhost")), runtime, Clock.system());
    private int port;

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    /** A gateway whose one instance was left frozen by an earlier run. */
    @BeforeEach
    void gateway() throws Exception {
        HttpServer container =
                await(
                        vertx.createHttpServer()
                                .requestHandler(
                                        r -> {
                                            served.incrementAndGet();
                                            r.response().end("thawed");
                                        })
                                .listen(0, "127.0.0.1"));
        runtime = new FakeRuntime("127.0.0.1", container.actualPort());
        frozen = runtime.left(hello);
        runtime.freeze(frozen, Warmth.FROZEN);
        runtime.thawSlowly();
        Routes routes = new Routes(new HostNames("localhost"));
        traffic = new Traffic(routes, runtime, Clock.system());
        traffic.replace(RouteTable.of(Map.of(hello.service(), hello)));
        port =
                await(
                                FrontDoor.before(
                                                TestForwarder.on(vertx, routes),
                                                vertx,
                                                new HttpServerOptions(),
                                                Deadlines.DEFAULT)
                                        .listen(0, "127.0.0.1"))
                        .actualPort();
    }

    @AfterEach
    void close() throws Exception {
        await(vertx.close());
    }

    private Socket ask(String more) throws Exception {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(15_000);
        socket.getOutputStream()
                .write(
                        ("POST / HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close\r\n"
                                        + (more.isEmpty() ? "Content-Length: 0\r\n" : more)
                                        + "\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
        until(() -> runtime.moves().contains(new FakeRuntime.Move(frozen, Warmth.IDLE)));
        return socket;
    }

    private static String answer(Socket socket) throws Exception {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @ValueSource(strings = {USUAL, BY_VERTX})
    void request_toAFrozenInstance_isSentOnceItRuns(String way) throws Exception {
        try (Socket socket = ask(way)) {
            assertThat(served).hasValue(0);
            runtime.thawed(frozen);
            assertThat(answer(socket)).startsWith("HTTP/1.1 200").endsWith("thawed");
        }
        assertThat(served).hasValue(1);
        assertThat(runtime.starts()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {USUAL, BY_VERTX})
    void request_whoseInstanceDoesNotThaw_goesToAnother(String way) throws Exception {
        try (Socket socket = ask(way)) {
            runtime.notThawed(frozen, new HearthException(ErrorKind.INTERNAL, "thaw-failed", "no"));
            until(() -> runtime.openStarts() == 1);
            runtime.succeed();
            assertThat(answer(socket)).startsWith("HTTP/1.1 200");
        }
        assertThat(runtime.stops()).extracting(FakeRuntime.Stopped::id).containsExactly(frozen);
    }

    @Test
    void client_leavesBeforeTheThaw_nothingIsSentAndThePlaceIsFree() throws Exception {
        ask(USUAL).close();
        until(() -> traffic.activeRequests() == 0);
        runtime.thawed(frozen);
        assertThat(traffic.pools())
                .singleElement()
                .satisfies(pool -> assertThat(pool.inFlight()).containsEntry(frozen, 0));
        assertThat(served).hasValue(0);
    }
}
