package dev.hearth.gateway.route;

import dev.hearth.contracts.ServiceName;
import java.util.Optional;

/**
 * Which gateway sees to a service. There is one for each, so that limits, waiting, starts and the
 * bill are kept in one place; the others pass its requests on.
 */
@FunctionalInterface
public interface Homes {
    /** Of the only gateway there is. */
    Homes ALL_HERE = service -> Optional.empty();

    /** Who sees to the service; empty when this gateway does. */
    Optional<Peer> elsewhere(ServiceName service);
}
