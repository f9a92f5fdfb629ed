package dev.hearth.bench.fleet;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.peer.Rendezvous;
import dev.hearth.gateway.route.Homes;
import dev.hearth.gateway.route.Peer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The homes of services as the first of many gateways knows them. */
final class FirstGatewayHomes implements Homes {
    private static final int PORT = 8080;

    private final Map<String, Optional<Peer>> byId = new HashMap<>();

    /**
     * @param ids of all gateways
     */
    FirstGatewayHomes(List<String> ids) {
        ids.forEach(id -> byId.put(id, Optional.of(new Peer(id, "10.0.0.1", PORT))));
        byId.put(ids.getFirst(), Optional.empty());
    }

    @Override
    public Optional<Peer> elsewhere(ServiceName service) {
        return Rendezvous.choose(service.value(), byId.keySet())
                .flatMap(id -> byId.getOrDefault(id, Optional.empty()));
    }

    @Override
    public CompletionStage<Void> stopInstances(Peer home, ServiceName service) {
        return CompletableFuture.failedFuture(
                new HearthException(
                        ErrorKind.UNAVAILABLE,
                        "gateway-unreachable",
                        "instances of "
                                + service
                                + " were to be stopped; gateways are only simulated here"));
    }
}
