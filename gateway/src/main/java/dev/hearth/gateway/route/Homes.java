package dev.hearth.gateway.route;

import dev.hearth.contracts.ServiceName;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Which gateway sees to a service. There is one for each, so that limits, waiting, starts and the
 * bill are kept in one place; the others pass its requests on.
 */
public interface Homes {
    /** Of the only gateway there is. */
    Homes ALL_HERE =
            new Homes() {
                @Override
                public Optional<Peer> elsewhere(ServiceName service) {
                    return Optional.empty();
                }

                @Override
                public CompletionStage<Void> stopInstances(Peer home, ServiceName service) {
                    return CompletableFuture.failedFuture(
                            new IllegalStateException("there is no gateway but this one"));
                }
            };

    /** Who sees to the service; empty when this gateway does. */
    Optional<Peer> elsewhere(ServiceName service);

    /**
     * Has the gateway that sees to a service stop its instances; completes when they are stopped.
     * Fails with a HearthException UNAVAILABLE {@code gateway-unreachable}.
     */
    CompletionStage<Void> stopInstances(Peer home, ServiceName service);
}
