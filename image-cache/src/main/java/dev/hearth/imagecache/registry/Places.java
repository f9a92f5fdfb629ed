package dev.hearth.imagecache.registry;

import dev.hearth.contracts.HearthException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * The servers that one image is asked of: its mirrors in their order, then its registry. A mirror
 * that fails once is passed over for the rest of the pull. Several threads may call.
 */
final class Places {
    private static final Logger LOG = Logger.getLogger(Places.class);

    private final List<RegistryCalls> mirrors;
    private final RegistryCalls registry;
    private final Set<RegistryCalls> passedOver = ConcurrentHashMap.newKeySet();

    Places(List<RegistryCalls> mirrors, RegistryCalls registry) {
        this.mirrors = List.copyOf(mirrors);
        this.registry = registry;
    }

    /** Whom to ask now. */
    RegistryCalls current() {
        return mirrors.stream()
                .filter(mirror -> !passedOver.contains(mirror))
                .findFirst()
                .orElse(registry);
    }

    /** The answer of the first that has one; the failure is the registry's own. */
    <T> T ask(Function<RegistryCalls, T> question) {
        while (true) {
            RegistryCalls place = current();
            try {
                return question.apply(place);
            } catch (HearthException e) {
                passOver(place, e);
            }
        }
    }

    /** Asks a mirror no more; {@code why} is thrown when it is no mirror, or the pull is over. */
    void passOver(RegistryCalls place, HearthException why) {
        place.checkDeadline();
        if (!place.endpoint().mirror()) {
            throw why;
        }
        if (passedOver.add(place)) {
            LOG.warnf(
                    "mirror %s is passed over for image %s: %s",
                    place.endpoint(), registry.endpoint().image(), why.sentence());
        }
    }
}
