package dev.hearth.runtime.serve;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.StartedInstance;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which gateway each instance of the node is. An instance is one gateway's at a time, so that its
 * concurrency is kept, and its time billed, in one place. Safe from any thread.
 */
final class Tenancy {
    /** How long a start that is over is known by its number. */
    private static final long STARTS_KEPT_NANOS = 300_000_000_000L;

    private final Clock clock;

    // guarded by this
    private final Map<InstanceId, Lease> leases = new HashMap<>();
    private final Map<StartKey, Start> starts = new HashMap<>();
    private final Set<InstanceId> ended = new HashSet<>();

    Tenancy(Clock clock) {
        this.clock = clock;
    }

    /**
     * Whose an instance is.
     *
     * @param gateway empty for nobody's
     * @param startId that gateway's number of its start; 0 for none
     * @param host its address, on this node
     */
    record Lease(
            InstanceId id,
            RevisionName revision,
            String service,
            String gateway,
            long startId,
            String host,
            int port) {
        private Lease of(String other) {
            return new Lease(id, revision, service, other, startId, host, port);
        }
    }

    private record StartKey(String gateway, long startId) {}

    private record Start(CompletionStage<StartedInstance> result, long atNanos) {}

    /** What was there before anybody could ask for it is nobody's. */
    synchronized void adopt(List<InstanceView> instances) {
        for (InstanceView i : instances) {
            leases.putIfAbsent(
                    i.id(),
                    new Lease(
                            i.id(), i.revision(), i.service().value(), "", 0, i.host(), i.port()));
        }
    }

    /**
     * Starts an instance, unless that gateway has asked for it under that number before.
     *
     * @param start begins it
     */
    CompletionStage<StartedInstance> start(
            String gateway,
            long startId,
            RevisionSpec revision,
            Supplier<CompletionStage<StartedInstance>> start) {
        StartKey key = new StartKey(gateway, startId);
        synchronized (this) {
            forgetOld();
            Start before = starts.get(key);
            if (before != null) {
                return before.result;
            }
            CompletableFuture<StartedInstance> result = new CompletableFuture<>();
            starts.put(key, new Start(result, clock.nanos()));
            start.get()
                    .whenComplete(
                            (started, failure) -> {
                                begun(key, revision, started);
                                if (started == null) {
                                    result.completeExceptionally(failure);
                                } else {
                                    result.complete(started);
                                }
                            });
            return result;
        }
    }

    private synchronized void begun(
            StartKey key, RevisionSpec revision, @Nullable StartedInstance started) {
        if (started == null) {
            starts.remove(key); // it may be tried again
            return;
        }
        if (!ended.remove(started.id())) {
            leases.put(
                    started.id(),
                    new Lease(
                            started.id(),
                            started.revision(),
                            revision.service().value(),
                            key.gateway,
                            key.startId,
                            started.host(),
                            started.port()));
        }
    }

    private void forgetOld() {
        long oldest = clock.nanos() - STARTS_KEPT_NANOS;
        Iterator<Start> all = starts.values().iterator();
        while (all.hasNext()) {
            if (all.next().atNanos - oldest < 0) {
                all.remove();
            }
        }
        if (starts.isEmpty()) {
            ended.clear(); // whose ends could come before their beginnings
        }
    }

    /** An instance is no more; maybe before anybody was told that it began. */
    synchronized void ended(InstanceExit exit) {
        if (leases.remove(exit.id()) == null) {
            ended.add(exit.id());
        }
    }

    /** Gives an instance to another gateway if it is that one's; whose it is then. */
    synchronized Optional<Lease> own(InstanceId id, String from, String to) {
        Lease lease = leases.get(id);
        if (lease != null && lease.gateway.equals(from)) {
            lease = lease.of(to);
            leases.put(id, lease);
        }
        return Optional.ofNullable(lease);
    }

    synchronized Optional<Lease> lease(InstanceId id) {
        return Optional.ofNullable(leases.get(id));
    }

    /** Whether an address is that of an instance. */
    synchronized boolean isInstance(String host, int port) {
        return leases.values().stream().anyMatch(l -> l.host.equals(host) && l.port == port);
    }

    synchronized List<Lease> all() {
        return List.copyOf(leases.values());
    }
}
