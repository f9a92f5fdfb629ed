package dev.hearth.gateway.pool;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.Quota;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TaskPort;
import dev.hearth.contracts.TaskPort.Report;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Where everything that is started asks whether its project's quota has room for it: instances of
 * services and tasks of jobs alike. What runs of the project, on all nodes, and what this gateway
 * is starting of it count. (Starts of several gateways at the same moment may go beyond it by one
 * each.)
 *
 * <p>Concurrency: those who ask take turns. What was let in counts until its {@link Place} is
 * closed, which nobody waits for: places are counted before what runs is listed, so that what
 * changes over from the one to the other meanwhile counts twice rather than not at all.
 */
public final class QuotaGate {
    private static final int MOST_REMEMBERED = 1_000;

    /** After a refusal others are refused without a look, since looking takes a while. */
    private static final long NO_LOOK_NANOS = Duration.ofMillis(250).toNanos();

    /** For all nodes together to tell of their tasks. */
    private static final long REPORTS_MILLIS = 1_000;

    /** For those before in the line, each of whom may have to wait for the nodes. */
    private static final long TURN_SECONDS = 10;

    private static final String STARTING = "starting";

    private final RuntimePort runtime;
    private final TaskPort tasks;
    private final Function<ServiceName, Optional<Route>> routes;
    private final Function<ProjectName, Quota> quotas;
    private final Clock clock;
    private final ReentrantLock turn = new ReentrantLock(true);

    /** When projects were refused last, by the clock; for whose turn it is. */
    private final Map<ProjectName, Long> refused = new HashMap<>();

    /** What nodes said last of their tasks, for those that do not answer at the moment. */
    private volatile Map<String, List<Report>> reports = Map.of();

    // guarded by the monitor
    private final Set<Place> places = new HashSet<>();

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
     * @param routes of services, for what instances were deployed with
     */
    public QuotaGate(
            RuntimePort runtime,
            TaskPort tasks,
            Function<ServiceName, Optional<Route>> routes,
            Function<ProjectName, Quota> quotas,
            Clock clock) {
        this.runtime = runtime;
        this.tasks = tasks;
        this.routes = routes;
        this.quotas = quotas;
        this.clock = clock;
    }

    /** What is being started; it counts until this is closed. */
    public final class Place implements AutoCloseable {
        private final RevisionSpec what;

        private Place(RevisionSpec what) {
            this.what = what;
        }

        /** It runs, and counts as that, or it does not; a second call does nothing. */
        @Override
        public void close() {
            leave(this);
        }
    }

    /**
     * Instances and tasks that run.
     *
     * @param cpuMillis that they were deployed with, together
     * @param memoryBytes that they may use, together
     */
    public record Use(int instances, long cpuMillis, long memoryBytes) {
        private static final Use NONE = new Use(0, 0, 0);

        private Use and(Resources one) {
            return and(one.cpu().millis(), one.memory().bytes());
        }

        private Use and(long cpu, long memory) {
            return new Use(instances + 1, cpuMillis + cpu, memoryBytes + memory);
        }

        private boolean isBeyond(Quota most) {
            return isBeyond(instances, most.instances())
                    || isBeyond(cpuMillis, most.cpuMillis())
                    || isBeyond(memoryBytes, most.memoryBytes());
        }

        private static boolean isBeyond(long wanted, long most) {
            return most > 0 && wanted > most;
        }
    }

    /** Whether anything is asked of what this project starts. */
    public boolean limits(ProjectName project) {
        return quotas.apply(project).limitsInstances();
    }

    /**
     * Lets a start in. Blocks for seconds at most, and not at all where there is no quota. Throws
     * EXHAUSTED {@code quota-exceeded} when there is no room, UNAVAILABLE {@code quota-unknown}.
     */
    public Place enter(RevisionSpec what) {
        Quota most = quotas.apply(what.service().project());
        if (!most.limitsInstances()) {
            return hold(what);
        }
        awaitTurn();
        try {
            return enter(what, most);
        } finally {
            turn.unlock();
        }
    }

    private void awaitTurn() {
        try {
            if (!turn.tryLock(TURN_SECONDS, TimeUnit.SECONDS)) {
                throw new HearthException(
                        ErrorKind.UNAVAILABLE,
                        "quota-unknown",
                        "what runs of the project could not be counted within "
                                + TURN_SECONDS
                                + " s, since nodes do not answer; try again in a moment");
            }
        } catch (InterruptedException e) {
            throw stopping(e);
        }
    }

    private static HearthException stopping(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new HearthException(
                ErrorKind.UNAVAILABLE, "platform-stopping", "the gateway is stopping", e);
    }

    private Place enter(RevisionSpec what, Quota most) {
        ProjectName project = what.service().project();
        Resources one = what.resources();
        if (wasJustRefused(project)) {
            throw refusal(what, most);
        }
        if (used(project, Optional.of(one)).and(one).isBeyond(most)) {
            refused.put(project, clock.nanos());
            throw refusal(what, most);
        }
        return hold(what);
    }

    private boolean wasJustRefused(ProjectName project) {
        Long before = refused.get(project);
        if (before != null && clock.nanos() - before >= NO_LOOK_NANOS) {
            refused.remove(project);
            return false;
        }
        return before != null;
    }

    /** Counts what was let in before, by another gateway or before a restart; asks nothing. */
    public synchronized Place hold(RevisionSpec what) {
        Place place = new Place(what);
        places.add(place);
        known.put(what.name(), what.resources());
        return place;
    }

    private synchronized void leave(Place place) {
        places.remove(place);
    }

    private synchronized List<RevisionSpec> starting(ProjectName project) {
        return places.stream()
                .map(place -> place.what)
                .filter(what -> what.service().project().equals(project))
                .toList();
    }

    /** What there is of a project now. Blocks for a second at most. */
    public Use used(ProjectName project) {
        return used(project, Optional.empty());
    }

    /**
     * The same.
     *
     * @param otherwise what an instance is taken to have of which nobody here knows; empty for what
     *     it has at the moment
     */
    private Use used(ProjectName project, Optional<Resources> otherwise) {
        Use use = Use.NONE;
        Set<RevisionName> starting = new HashSet<>();
        for (RevisionSpec one : starting(project)) {
            use = use.and(one.resources());
            starting.add(one.name());
        }
        for (InstanceView running : runtime.instances()) {
            if (!running.state().equals(STARTING) && running.service().project().equals(project)) {
                Optional<Resources> its = resources(running).or(() -> otherwise);
                use =
                        its.isPresent()
                                ? use.and(its.get())
                                : use.and(running.cpuMillis(), running.memoryBytes());
            }
        }
        for (Report task : tasks()) {
            if (task.ending().isEmpty()
                    && task.attempt().project().equals(project)
                    && !starting.contains(task.attempt())) {
                use = use.and(task.cpuMillis(), task.memoryBytes());
            }
        }
        return use;
    }

    private Optional<Resources> resources(InstanceView running) {
        return started(running.revision())
                .or(
                        () ->
                                routes.apply(running.service()).stream()
                                        .flatMap(route -> route.shares().stream())
                                        .map(Route.Share::revision)
                                        .filter(r -> r.name().equals(running.revision()))
                                        .map(RevisionSpec::resources)
                                        .findFirst());
    }

    private synchronized Optional<Resources> started(RevisionName revision) {
        return Optional.ofNullable(known.get(revision));
    }

    private List<Report> tasks() {
        Map<String, CompletableFuture<List<Report>>> asked = new HashMap<>();
        for (String node : tasks.nodes()) {
            asked.put(node, tasks.reports(node).toCompletableFuture());
        }
        Map<String, List<Report>> answers = new HashMap<>();
        List<Report> all = new ArrayList<>();
        long deadline = clock.nanos() + TimeUnit.MILLISECONDS.toNanos(REPORTS_MILLIS);
        asked.forEach(
                (node, answer) -> {
                    List<Report> its = answer(node, answer, deadline - clock.nanos());
                    answers.put(node, its);
                    all.addAll(its);
                });
        reports = answers;
        return all;
    }

    private List<Report> answer(
            String node, CompletableFuture<List<Report>> answer, long patienceNanos) {
        try {
            return answer.get(Math.max(0, patienceNanos), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException silent) {
            // it may run them all the same: what it said last is the best there is to count
            return reports.getOrDefault(node, List.of());
        } catch (InterruptedException e) {
            throw stopping(e);
        }
    }

    private static HearthException refusal(RevisionSpec what, Quota most) {
        String one =
                what.container().runsToEnd()
                        ? "a task of the job \""
                                + what.service().label().substring(JobName.SERVICE_PREFIX.length())
                                + "\""
                        : "an instance of " + what.name().label();
        return new HearthException(
                ErrorKind.EXHAUSTED,
                "quota-exceeded",
                one
                        + " ("
                        + what.resources().cpu()
                        + " cpu, "
                        + what.resources().memory()
                        + ") would go beyond the project's quota of"
                        + part(most.instances(), n -> " " + n + " instances")
                        + part(most.cpuMillis(), n -> " " + new Cpu((int) n.longValue()) + " cpu")
                        + part(most.memoryBytes(), n -> " " + new DataSize(n))
                        + "; stop others, or have an admin raise it with `hearth quota`");
    }

    private static String part(long most, Function<Long, String> words) {
        return most == 0 ? "" : words.apply(most);
    }
}
