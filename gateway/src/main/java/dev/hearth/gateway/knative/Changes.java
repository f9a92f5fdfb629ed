package dev.hearth.gateway.knative;

import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.ServiceVersion;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What has become of the services of a namespace lately, as it shows when their versions are looked
 * at now and then: what changed twice between two looks has changed once. Each change has a number,
 * one more than that before it. Not thread-safe.
 */
final class Changes {
    /** Whoever has missed more has to begin anew. */
    static final int KEPT = 1_000;

    private final Deque<Change> kept = new ArrayDeque<>();
    private Map<ServiceName, ServiceVersion> known = Map.of();
    private boolean looked;
    private long last;

    /** As Kubernetes words it (its API concepts, "Efficient detection of changes"). */
    enum Type {
        ADDED,
        MODIFIED,
        DELETED
    }

    /**
     * @param version of what is there now, or of what is gone
     */
    record Change(long number, Type type, ServiceName service, ServiceVersion version) {}

    /** These are there now. The first time nothing has changed. */
    void see(Map<ServiceName, ServiceVersion> now) {
        Map<ServiceName, ServiceVersion> before = known;
        known = new HashMap<>(now);
        if (!looked) {
            looked = true;
            return;
        }
        before.forEach(
                (service, version) -> {
                    ServiceVersion its = now.get(service);
                    if (its == null || !its.uid().equals(version.uid())) {
                        add(Type.DELETED, service, version);
                    } else if (!its.equals(version)) {
                        add(Type.MODIFIED, service, its);
                    }
                });
        now.forEach(
                (service, version) -> {
                    ServiceVersion its = before.get(service);
                    if (its == null || !its.uid().equals(version.uid())) {
                        add(Type.ADDED, service, version);
                    }
                });
    }

    private void add(Type type, ServiceName service, ServiceVersion version) {
        kept.addLast(new Change(++last, type, service, version));
        if (kept.size() > KEPT) {
            kept.removeFirst();
        }
    }

    /** The number of the last change; 0 before the first. */
    long last() {
        return last;
    }

    /** Those after a number, the oldest first; empty when they are not kept, or were never made. */
    Optional<List<Change>> after(long number) {
        long oldest = kept.isEmpty() ? last + 1 : kept.getFirst().number();
        if (number < oldest - 1 || number > last) {
            return Optional.empty();
        }
        List<Change> after = new ArrayList<>();
        for (Change change : kept) {
            if (change.number() > number) {
                after.add(change);
            }
        }
        return Optional.of(after);
    }
}
