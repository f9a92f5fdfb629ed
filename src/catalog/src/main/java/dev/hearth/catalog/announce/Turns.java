package dev.hearth.catalog.announce;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ServiceName;
import io.smallrye.mutiny.Uni;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * One change of a service at a time. A second one is refused rather than queued: whoever sent it
 * could not know what it would follow.
 */
public final class Turns {
    private final Set<ServiceName> taken = ConcurrentHashMap.newKeySet();

    /** Does the work unless the service's turn is taken: CONFLICT {@code deploy-in-progress}. */
    public <T> Uni<T> exclusively(ServiceName service, Supplier<Uni<? extends T>> work) {
        return Uni.createFrom()
                .deferred(
                        () ->
                                taken.add(service)
                                        ? Uni.createFrom()
                                                .<T>deferred(work)
                                                .onTermination()
                                                .invoke(() -> taken.remove(service))
                                        : Uni.createFrom().failure(() -> refusal(service)));
    }

    private static HearthException refusal(ServiceName service) {
        return new HearthException(
                ErrorKind.CONFLICT,
                "deploy-in-progress",
                "service \""
                        + service
                        + "\" is being deployed or deleted right now; try again when that is done");
    }
}
