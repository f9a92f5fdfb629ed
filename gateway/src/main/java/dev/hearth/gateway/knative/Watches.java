package dev.hearth.gateway.knative;

import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.ServiceVersion;
import dev.hearth.gateway.knative.Changes.Change;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The changes that watches tell of, by namespace. Each is looked up in the catalog at most once a
 * second, however many watch it, and only while somebody does or has lately.
 *
 * <p>A place in the changes, which Kubernetes calls a resource version, is of this process: one of
 * another gateway, or of before a restart, is {@linkplain #gone gone}, and whoever has it lists
 * anew.
 */
final class Watches {
    private static final int MOST = 100;
    private static final int MOST_EACH = 20;
    private static final long LOOK_NANOS = Duration.ofMillis(900).toNanos();
    private static final long FORGOTTEN_NANOS = Duration.ofMinutes(10).toNanos();

    private final String process = Long.toHexString(new SecureRandom().nextLong());
    private final Clock clock;

    // guarded by the monitor
    private final Map<String, Namespace> namespaces = new HashMap<>();
    private int watching;

    /** Guarded by the monitor of what is around it. */
    private static final class Namespace {
        private final Changes changes = new Changes();
        private int watching;
        private long lookedNanos;
        private CompletionStage<?> lastLook = CompletableFuture.completedFuture("");
        private long usedNanos;
    }

    Watches(Clock clock) {
        this.clock = clock;
    }

    /**
     * Counts a watch, until {@link #end}. EXHAUSTED {@code too-many-watches}.
     *
     * @param namespace whose services are watched
     */
    synchronized void begin(String namespace) {
        Namespace its = of(namespace);
        if (watching >= MOST || its.watching >= MOST_EACH) {
            throw new HearthException(
                    ErrorKind.EXHAUSTED,
                    "too-many-watches",
                    "the namespace \""
                            + namespace
                            + "\" has "
                            + its.watching
                            + " watches, of at most "
                            + MOST_EACH
                            + " each and "
                            + MOST
                            + " in all; end one first");
        }
        watching++;
        its.watching++;
    }

    synchronized void end(String namespace) {
        watching--;
        of(namespace).watching--;
    }

    /**
     * Looks at what there is, now; one look after the other, since an older answer that came after
     * a newer one would tell of changes that never were.
     *
     * @param catalog as the namespace sees it
     * @return the place after all changes until now
     */
    CompletionStage<String> look(String namespace, CatalogPort catalog) {
        synchronized (this) {
            Namespace its = of(namespace);
            its.lookedNanos = clock.nanos();
            CompletionStage<String> look =
                    its.lastLook
                            .handle((place, failure) -> "")
                            .thenCompose(before -> catalog.versions())
                            .thenApply(versions -> seen(namespace, versions));
            its.lastLook = look;
            return look;
        }
    }

    private synchronized String seen(String namespace, Map<ServiceName, ServiceVersion> versions) {
        Changes changes = of(namespace).changes;
        changes.see(versions);
        return place(changes.last());
    }

    /** The same, unless somebody else has just looked. */
    CompletionStage<?> lookAgain(String namespace, CatalogPort catalog) {
        synchronized (this) {
            if (clock.nanos() - of(namespace).lookedNanos < LOOK_NANOS) {
                return CompletableFuture.completedFuture("");
            }
        }
        return look(namespace, catalog);
    }

    /** What changed after a place; NOT_FOUND {@code expired} when that is not known any more. */
    synchronized List<Change> after(String namespace, String place) {
        int dash = place.lastIndexOf('-');
        if (dash < 0 || !place.substring(place.lastIndexOf('.') + 1, dash).equals(process)) {
            throw gone();
        }
        try {
            return of(namespace)
                    .changes
                    .after(Long.parseLong(place.substring(dash + 1)))
                    .orElseThrow(Watches::gone);
        } catch (NumberFormatException e) {
            throw gone();
        }
    }

    /** Such a place, for whoever goes on from it. */
    String place(long number) {
        return "." + process + "-" + number;
    }

    /** Whether a failure says that a place is not known any more. */
    static boolean isGone(HearthException failure) {
        return failure.reason().equals("expired");
    }

    private static HearthException gone() {
        return new HearthException(
                ErrorKind.NOT_FOUND,
                "expired",
                "that resourceVersion is too old, or another gateway's; list anew");
    }

    private Namespace of(String name) {
        long now = clock.nanos();
        namespaces
                .entrySet()
                .removeIf(
                        e ->
                                !e.getKey().equals(name)
                                        && e.getValue().watching == 0
                                        && now - e.getValue().usedNanos > FORGOTTEN_NANOS);
        Namespace its = namespaces.computeIfAbsent(name, n -> new Namespace());
        its.usedNanos = now;
        return its;
    }

    /** The part of a resource version that says which state of a service it is. */
    static Optional<String> etag(String resourceVersion) {
        int dot = resourceVersion.indexOf('.');
        String etag = dot < 0 ? resourceVersion : resourceVersion.substring(0, dot);
        return etag.isEmpty() ? Optional.empty() : Optional.of(etag);
    }
}
