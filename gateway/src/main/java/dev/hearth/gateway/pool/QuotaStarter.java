package dev.hearth.gateway.pool;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.Quota;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartedInstance;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Starts no instance beyond the project's quota: what runs, on all nodes, and what this gateway is
 * starting count. (Starts of several gateways at the same moment may go beyond it by one each.)
 * Without a quota nothing is asked and nothing waits.
 *
 * <p>Concurrency: checks are one after the other, under the monitor; a start counts from its check
 * to its end, and what runs is listed in between, so that none is missed.
 */
public final class QuotaStarter implements Starter {
    private static final int MOST_REMEMBERED = 1_000;

    /** After a refusal others are refused without a look, since looking takes a while. */
    private static final long NO_LOOK_NANOS = Duration.ofMillis(250).toNanos();

    private static final String STARTING = "starting";

    private final Starter next;
    private final RuntimePort runtime;
    private final Function<ServiceName, Optional<Route>> routes;
    private final Supplier<Quota> quota;
    private final Executor blocking;
    private final Clock clock;

    // guarded by the monitor
    private int starting;
    private long startingCpuMillis;
    private long startingMemoryBytes;
    private boolean refused;
    private long refusedNanos;

    /** Of revisions that were started here, which may have lost their traffic since. */
    private final Map<RevisionName, Resources> known =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<RevisionName, Resources> eldest) {
                    return size() > MOST_REMEMBERED;
                }
            };

    /**
     * @param next starts what may be started
     * @param routes of services, for what instances were deployed with
     * @param blocking runs what lists the instances
     */
    public QuotaStarter(
            Starter next,
            RuntimePort runtime,
            Function<ServiceName, Optional<Route>> routes,
            Supplier<Quota> quota,
            Executor blocking,
            Clock clock) {
        this.next = next;
        this.runtime = runtime;
        this.routes = routes;
        this.quota = quota;
        this.blocking = blocking;
        this.clock = clock;
    }

    @Override
    public CompletionStage<StartedInstance> start(RevisionSpec revision) {
        Quota most = quota.get();
        if (!most.limitsInstances()) {
            return next.start(revision);
        }
        return CompletableFuture.runAsync(() -> begin(revision, most), blocking)
                .thenCompose(
                        begun ->
                                next.start(revision)
                                        .whenComplete((started, failure) -> end(revision)));
    }

    private synchronized void begin(RevisionSpec revision, Quota most) {
        if (refused && clock.nanos() - refusedNanos < NO_LOOK_NANOS) {
            throw Refusal.of(revision, most);
        }
        Resources one = revision.resources();
        int instances = starting + 1;
        long cpuMillis = startingCpuMillis + one.cpu().millis();
        long memoryBytes = startingMemoryBytes + one.memory().bytes();
        for (InstanceView running : runtime.instances()) {
            if (!running.state().equals(STARTING)) {
                Resources its = resources(running).orElse(one);
                instances++;
                cpuMillis += its.cpu().millis();
                memoryBytes += its.memory().bytes();
            }
        }
        refused =
                isBeyond(instances, most.instances())
                        || isBeyond(cpuMillis, most.cpuMillis())
                        || isBeyond(memoryBytes, most.memoryBytes());
        if (refused) {
            refusedNanos = clock.nanos();
            throw Refusal.of(revision, most);
        }
        known.put(revision.name(), one);
        starting++;
        startingCpuMillis += one.cpu().millis();
        startingMemoryBytes += one.memory().bytes();
    }

    private static boolean isBeyond(long wanted, long most) {
        return most > 0 && wanted > most;
    }

    private Optional<Resources> resources(InstanceView running) {
        Resources started = known.get(running.revision());
        if (started != null) {
            return Optional.of(started);
        }
        return routes.apply(running.service()).stream()
                .flatMap(route -> route.shares().stream())
                .map(Route.Share::revision)
                .filter(r -> r.name().equals(running.revision()))
                .map(RevisionSpec::resources)
                .findFirst();
    }

    private synchronized void end(RevisionSpec revision) {
        starting--;
        startingCpuMillis -= revision.resources().cpu().millis();
        startingMemoryBytes -= revision.resources().memory().bytes();
    }

    /** Why something is not started. */
    private static final class Refusal {
        private Refusal() {}

        static HearthException of(RevisionSpec revision, Quota most) {
            return new HearthException(
                    ErrorKind.EXHAUSTED,
                    "quota-exceeded",
                    "an instance of "
                            + revision.name()
                            + " ("
                            + revision.resources().cpu()
                            + " cpu, "
                            + revision.resources().memory()
                            + ") would go beyond the project's quota of"
                            + part(most.instances(), n -> " " + n + " instances")
                            + part(
                                    most.cpuMillis(),
                                    n -> " " + new Cpu((int) n.longValue()) + " cpu")
                            + part(most.memoryBytes(), n -> " " + new DataSize(n))
                            + "; stop others, or have an admin raise it with `hearth quota`");
        }

        private static String part(long most, Function<Long, String> words) {
            return most == 0 ? "" : words.apply(most);
        }
    }
}
