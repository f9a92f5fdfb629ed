package dev.hearth.gateway.forward;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.framing.Deadlines;
import dev.hearth.gateway.route.HostNames;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.route.Traffic;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.Revisions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** A gateway with its front door, before a container that tells what it saw of requests. */
final class FramedGateway implements AutoCloseable {
    final Vertx vertx = Vertx.vertx();

    /** Targets of the requests whose head came. */
    final Queue<String> heads = new ConcurrentLinkedQueue<>();

    /** Target and body of those that came whole. */
    final Queue<String> whole = new ConcurrentLinkedQueue<>();

    /** Targets of those that broke off. */
    final Queue<String> broken = new ConcurrentLinkedQueue<>();

    /** The answers to {@code /parked}. */
    final Queue<Runnable> parked = new ConcurrentLinkedQueue<>();

    /** Starts the container of the gateway made last. */
    FakeRuntime runtime = new FakeRuntime("127.0.0.1", 1);

    /** The port of a new gateway whose container runs. */
    int listen(Deadlines deadlines) throws Exception {
        int port = listenCold(deadlines);
        runtime.startAtOnce();
        return port;
    }

    /** The port of a new gateway for the host hello.localhost. */
    int listenCold(Deadlines deadlines) throws Exception {
        HttpServerOptions options =
                new HttpServerOptions()
                        .setMaxHeaderSize(32 << 10)
                        .setMaxInitialLineLength(16 << 10)
                        .setHandle100ContinueAutomatically(false);
        int container =
                await(
                                vertx.createHttpServer(options)
                                        .requestHandler(this::answer)
                                        .listen(0, "127.0.0.1"))
                        .actualPort();
        runtime = new FakeRuntime("127.0.0.1", container);
        Routes routes = new Routes(new HostNames("localhost"));
        new Traffic(routes, runtime, Clock.system())
                .replace(
                        RouteTable.of(
                                Map.of(new ServiceName("hello"), Revisions.of("hello", 80, 10))));
        Forwarder forwarder = TestForwarder.on(vertx, routes);
        return await(FrontDoor.before(forwarder, vertx, options, deadlines).listen(0, "127.0.0.1"))
                .actualPort();
    }

    static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    void forget() {
        heads.clear();
        whole.clear();
        broken.clear();
        parked.clear();
    }

    private void answer(HttpServerRequest request) {
        heads.add(request.uri());
        request.exceptionHandler(cut -> broken.add(request.uri()));
        if (request.uri().equals("/early")) {
            request.response().setChunked(true).write("begun");
        }
        request.body()
                .onSuccess(
                        body -> {
                            whole.add(request.uri() + " " + body);
                            if (request.uri().equals("/parked")) {
                                parked.add(() -> request.response().end("late"));
                            } else {
                                request.response().end("saw " + request.uri());
                            }
                        });
    }

    @Override
    public void close() throws Exception {
        await(vertx.close());
    }
}
