package dev.hearth.gateway.pool;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.Quota;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartedInstance;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Starts no instance beyond its project's quota: what runs of the project, on all nodes, and what
 * this gateway is starting of it count. (Starts of several gateways at the same moment may go
 * beyond it by one each.) Without a quota nothing is asked and nothing waits.
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
    private final Function<ProjectName, Quota> quotas;
    private final Executor blocking;
    private final Clock clock;

    // guarded by the monitor
    private final Map<ProjectName, Starts> projects = new HashMap<>();

    /** Of one project. */
    private static final class Starts {
        private int starting;
        private long startingCpuMillis;
        private long startingMemoryBytes;
        private boolean refused;
        private long refusedNanos;
    }

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
            Function<ProjectName, Quota> quotas,
            Executor blocking,
            Clock clock) {
        this.next = next;
        this.runtime = runtime;
        this.routes = routes;
        this.quotas = quotas;
        this.blocking = blocking;
        this.clock = clock;
    }

    @Override
    public CompletionStage<StartedInstance> start(RevisionSpec revision) {
        Quota most = quotas.apply(revision.service().project());
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
        ProjectName project = revision.service().project();
        Starts its = projects.computeIfAbsent(project, first -> new Starts());
        if (its.refused && clock.nanos() - its.refusedNanos < NO_LOOK_NANOS) {
            throw Refusal.of(revision, most);
        }
        Resources one = revision.resources();
        int instances = its.starting + 1;
        long cpuMillis = its.startingCpuMillis + one.cpu().millis();
        long memoryBytes = its.startingMemoryBytes + one.memory().bytes();
        for (InstanceView running : runtime.instances()) {
            if (!running.state().equals(STARTING) && running.service().project().equals(project)) {
                Resources has = resources(running).orElse(one);
                instances++;
                cpuMillis += has.cpu().millis();
                memoryBytes += has.memory().bytes();
            }
        }
        its.refused =
                isBeyond(instances, most.instances())
                        || isBeyond(cpuMillis, most.cpuMillis())
                        || isBeyond(memoryBytes, most.memoryBytes());
        if (its.refused) {
            its.refusedNanos = clock.nanos();
            throw Refusal.of(revision, most);
        }
        known.put(revision.name(), one);
        its.starting++;
        its.startingCpuMillis += one.cpu().millis();
        its.startingMemoryBytes += one.memory().bytes();
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
        Starts its =
                Objects.requireNonNull(
                        projects.get(revision.service().project()), "it began, so that it counts");
        its.starting--;
        its.startingCpuMillis -= revision.resources().cpu().millis();
        its.startingMemoryBytes -= revision.resources().memory().bytes();
    }

    /** Why something is not started. */
    private static final class Refusal {
        private Refusal() {}

        static HearthException of(RevisionSpec revision, Quota most) {
            return new HearthException(
                    ErrorKind.EXHAUSTED,
                    "quota-exceeded",
                    "an instance of "
                            + revision.name().label()
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
