package dev.hearth.gateway.forward;

import dev.hearth.gateway.acme.Challenges;
import dev.hearth.gateway.oidc.JwtCallers;
import dev.hearth.gateway.peer.Peers;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What of the requests that come in is the platform's own to answer.
 *
 * @param registry where the platform's registry listens now
 * @param registryPass who else than holders of its own token may use it; empty for nobody
 * @param challenges what an authority of certificates may ask for
 * @param invokers what callers of private services show
 * @param jwtCallers who lets in callers with a JWT; empty for nobody
 * @param peers the platform's other gateways; empty when there can be none
 * @param stopping whether new requests are told that the platform stops
 */
public record OwnAnswers(
        Supplier<Optional<InetSocketAddress>> registry,
        Optional<RegistryPass> registryPass,
        Challenges challenges,
        InvokerToken invokers,
        Optional<JwtCallers> jwtCallers,
        Optional<Peers> peers,
        BooleanSupplier stopping) {
    /** Nothing. */
    public static final OwnAnswers NONE =
            new OwnAnswers(
                    Optional::empty,
                    Optional.empty(),
                    new Challenges(),
                    InvokerToken.NONE,
                    Optional.empty(),
                    Optional.empty(),
                    () -> false);
}
