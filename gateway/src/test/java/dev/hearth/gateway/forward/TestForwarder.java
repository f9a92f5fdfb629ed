package dev.hearth.gateway.forward;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.TrustedProxies;
import dev.hearth.gateway.acme.Challenges;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.trace.Tracing;
import io.vertx.core.Vertx;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Supplier;

/** Forwarders with clients of their own that trace nothing. */
final class TestForwarder {
    private TestForwarder() {}

    /** Without a registry. */
    static Forwarder on(Vertx vertx, Routes routes) {
        return on(vertx, routes, Optional::empty);
    }

    /** That takes the word of some proxies. */
    static Forwarder on(Vertx vertx, Routes routes, TrustedProxies proxies) {
        return on(vertx, routes, Optional::empty, proxies);
    }

    static Forwarder on(
            Vertx vertx, Routes routes, Supplier<Optional<InetSocketAddress>> registry) {
        return on(vertx, routes, registry, TrustedProxies.NONE);
    }

    private static Forwarder on(
            Vertx vertx,
            Routes routes,
            Supplier<Optional<InetSocketAddress>> registry,
            TrustedProxies proxies) {
        return new Forwarder(
                vertx,
                InstanceClients.on(vertx),
                routes,
                Tracing.silent(Clock.system()),
                Clock.system(),
                new OwnAnswers(
                        registry,
                        Optional.empty(),
                        new Challenges(),
                        new InvokerToken("invoker-secret"),
                        Optional.empty(),
                        Optional.empty(),
                        () -> false),
                proxies);
    }
}
