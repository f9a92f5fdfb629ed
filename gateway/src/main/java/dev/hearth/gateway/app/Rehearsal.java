package dev.hearth.gateway.app;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.LogPage;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartTimings;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.TrustedProxies;
import dev.hearth.contracts.Warmth;
import dev.hearth.gateway.forward.Forwarder;
import dev.hearth.gateway.forward.FrontDoor;
import dev.hearth.gateway.forward.InstanceClients;
import dev.hearth.gateway.forward.OwnAnswers;
import dev.hearth.gateway.framing.Deadlines;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.gateway.route.HostNames;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.route.ServiceHosts;
import dev.hearth.gateway.route.Split;
import dev.hearth.gateway.trace.Tracing;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Cold requests that nobody sent, to an instance that is none, through a forwarder like the real
 * ones: they make the JVM load and compile the way of a cold request before the first real one
 * comes. Without it that way, which is walked rarely, is interpreted for the first few hundred
 * starts, and costs some 4 ms more each on two slow cores.
 *
 * <p>It listens on loopback ports of its own, answers no host but its own, and is gone when it is
 * done: some seconds after the start of the platform, with pauses in which real requests go first.
 */
final class Rehearsal extends AbstractVerticle {
    private static final long PAUSE_MILLIS = 1;
    private static final ServiceName SERVICE = new ServiceName("rehearsal");
    private static final String LOOPBACK = "127.0.0.1";

    private final HttpServerOptions downstream;
    private final Clock clock;
    private final int requests;
    private int done;

    /**
     * @param requests HotSpot's first compiler takes a method after 200 invocations, its second
     *     after some 5000 (Tier3InvocationThreshold, Tier4InvocationThreshold)
     * @param downstream as the real servers have it, but for the address
     */
    Rehearsal(int requests, HttpServerOptions downstream, Clock clock) {
        this.requests = requests;
        this.downstream = new HttpServerOptions(downstream).setHost(LOOPBACK).setPort(0);
        this.clock = clock;
    }

    @Override
    public void start(Promise<Void> started) {
        vertx.createHttpServer(new HttpServerOptions().setHost(LOOPBACK).setPort(0))
                .requestHandler(
                        request ->
                                request.response()
                                        .putHeader("Content-Type", "text/plain; charset=utf-8")
                                        .end("Hello World!\n"))
                .listen()
                .compose(instance -> front(instance.actualPort()))
                .<Void>mapEmpty()
                .onComplete(started);
    }

    private io.vertx.core.Future<HttpServer> front(int instancePort) {
        NoRuntime runtime = new NoRuntime(instancePort);
        RevisionPool pool = new RevisionPool(revision(), runtime, clock);
        Routes routes = new Routes(new HostNames("invalid"));
        routes.put(SERVICE, ServiceHosts.of(SERVICE, Split.to(pool)));
        Forwarder forwarder =
                new Forwarder(
                        vertx,
                        InstanceClients.on(vertx),
                        routes,
                        Tracing.silent(clock),
                        clock,
                        OwnAnswers.NONE,
                        TrustedProxies.NONE);
        HttpClient client = vertx.createHttpClient(new HttpClientOptions().setKeepAlive(false));
        return FrontDoor.before(forwarder, vertx, downstream, Deadlines.DEFAULT)
                .listen()
                .onSuccess(front -> ask(client, front.actualPort(), pool));
    }

    private void ask(HttpClient client, int port, RevisionPool pool) {
        RequestOptions request =
                new RequestOptions()
                        .setHost(LOOPBACK)
                        .setPort(port)
                        .setURI("/")
                        .putHeader("Host", SERVICE.value() + ".invalid");
        client.request(request)
                .compose(HttpClientRequest::send)
                .compose(io.vertx.core.http.HttpClientResponse::body)
                .onComplete(
                        answered -> {
                            pool.stopInstances(StopReason.REQUESTED);
                            if (answered.failed() || ++done >= requests) {
                                vertx.undeploy(deploymentID()); // closes what it made
                            } else {
                                vertx.setTimer(PAUSE_MILLIS, next -> ask(client, port, pool));
                            }
                        });
    }

    private RevisionSpec revision() {
        return new RevisionSpec(
                RevisionName.of(SERVICE, 1, "aaa"),
                SERVICE,
                "",
                Digest.sha256("0".repeat(64)),
                new ContainerSpec(List.of(), List.of(), Map.of(), 8080),
                new Resources(new Cpu(1000), DataSize.mebibytes(512)),
                new Scaling(80, 0, 1, Duration.ofMinutes(1)),
                Egress.DEFAULT,
                Duration.ofSeconds(10),
                clock.now());
    }

    /** Has one instance, which runs already. */
    private final class NoRuntime implements RuntimePort {
        private final int port;
        private long started;

        NoRuntime(int port) {
            this.port = port;
        }

        @Override
        public CompletionStage<StartedInstance> start(RevisionSpec revision) {
            StartedInstance instance =
                    new StartedInstance(
                            InstanceId.of(++started),
                            revision.name(),
                            LOOPBACK,
                            port,
                            new StartTimings(clock.now(), 0, 0, 0, 0, 0));
            return CompletableFuture.completedFuture(instance);
        }

        @Override
        public CompletionStage<Void> stop(InstanceId instance, StopReason reason) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void setCpu(InstanceId instance, Cpu quota, boolean idle) {}

        @Override
        public void freeze(InstanceId instance, Warmth warmth) {}

        @Override
        public CompletionStage<Void> thaw(InstanceId instance) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void forget(RevisionName revision) {}

        @Override
        public List<InstanceView> instances() {
            return List.of();
        }

        @Override
        public void onExit(Consumer<InstanceExit> listener) {}

        @Override
        public void onShortage(Consumer<InstanceId> listener) {}

        @Override
        public LogPage logs(ServiceName service, String cursor, int most) {
            return new LogPage(List.of(), "");
        }
    }
}
