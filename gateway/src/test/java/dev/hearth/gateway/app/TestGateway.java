package dev.hearth.gateway.app;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RouteTable;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TrustedProxies;
import dev.hearth.gateway.acme.Challenges;
import dev.hearth.gateway.forward.InvokerToken;
import dev.hearth.gateway.oidc.JwtCallers;
import dev.hearth.gateway.route.HostNames;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.route.Traffic;
import dev.hearth.gateway.tls.CertificateFiles;
import dev.hearth.gateway.trace.Tracing;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.Ports;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The gateway's listeners as the platform has them, in front of a container of a test's own. */
final class TestGateway implements AutoCloseable {
    final int port = Ports.free();
    final int tlsPort = Ports.free();
    final Traffic traffic;
    final FakeRuntime runtime;
    private final DataPath path;

    /** Routes a revision's service to what listens on a port of loopback. */
    TestGateway(
            Vertx vertx,
            int containerPort,
            RevisionSpec revision,
            Optional<Supplier<CertificateFiles>> certificates)
            throws Exception {
        this(vertx, containerPort, revision, certificates, new Challenges());
    }

    TestGateway(
            Vertx vertx,
            int containerPort,
            RevisionSpec revision,
            Optional<Supplier<CertificateFiles>> certificates,
            Challenges challenges)
            throws Exception {
        Routes routes = new Routes(new HostNames("localhost"));
        runtime = new FakeRuntime("127.0.0.1", containerPort).startAtOnce();
        traffic = new Traffic(routes, runtime, Clock.system());
        traffic.replace(
                RouteTable.of(Map.of(new ServiceName(revision.service().value()), revision)));
        path =
                new DataPath(
                        vertx,
                        routes,
                        Tracing.silent(Clock.system()),
                        Clock.system(),
                        0,
                        Optional::empty,
                        Optional.empty(),
                        challenges,
                        new InvokerToken("invoker-secret"),
                        Optional.of(new JwtCallers(Clock.system(), ForkJoinPool.commonPool())),
                        Optional.empty(),
                        TrustedProxies.NONE);
        await(
                path.listen(
                        "127.0.0.1",
                        port,
                        certificates.map(files -> new DataPath.Tls(tlsPort, files))));
    }

    static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        path.close();
    }
}
