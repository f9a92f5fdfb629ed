package dev.hearth.gateway.job;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.Execution;
import dev.hearth.contracts.ExecutionName;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Job;
import dev.hearth.contracts.JobQueuePort;
import dev.hearth.contracts.JobQueuePort.Outcome;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.SecretValues;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.Task;
import dev.hearth.contracts.TaskPort;
import dev.hearth.contracts.TaskPort.Ending;
import dev.hearth.contracts.TaskPort.Report;
import dev.hearth.contracts.UsageRecord;
import dev.hearth.gateway.pool.QuotaGate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Sees to executions: holds those that are nobody else's, and looks again and again at what the
 * database says is to run and what the nodes say runs. It remembers nothing that the two do not
 * know, so that another gateway, or this one after a restart, goes on where it was.
 *
 * <p>The order that makes everything happen once: an attempt is claimed in the database before its
 * node is asked to run it, and a node begins an attempt of a name once; its end is billed, then
 * written to the database, and then forgotten by the node.
 *
 * <p>Concurrency: one thread does all of it but {@link #wake}; calls that begin and stop attempts
 * are not waited for.
 */
public final class JobRunner implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(JobRunner.class);

    /** Between two looks while nothing runs. */
    private static final Duration IDLE_PAUSE = Duration.ofSeconds(1);

    /** Between two looks while something does: ends are told, this is for the rest. */
    private static final Duration BUSY_PAUSE = Duration.ofMillis(500);

    /** An execution is another gateway's when this one has not asked for it for so long. */
    private static final Duration LEASE = Duration.ofSeconds(10);

    /** A node that is silent for so long has lost its attempts. */
    static final Duration NODE_PATIENCE = Duration.ofSeconds(30);

    private static final Duration BETWEEN_BILLS = Duration.ofSeconds(10);
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(5);

    /** Before what a node could not begin is tried again: a registry may be away. */
    private static final Duration REST = Duration.ofSeconds(2);

    /** Waiting tasks that are looked at together. */
    private static final int MOST_WAITING = 100;

    /** Failures on the way, of which nobody knows whether the call was carried out. */
    private static final Set<String> UNSURE = Set.of("node-away", "node-unreachable");

    /** How a secret is told not to be there, or not to be told; nodes do not fail so. */
    private static final Set<ErrorKind> LACKS_SECRETS =
            Set.of(ErrorKind.NOT_FOUND, ErrorKind.FAILED_PRECONDITION);

    private final JobQueuePort queue;
    private final TaskPort tasks;
    private final Secrets secrets;
    private final Billing billing;
    private final QuotaGate gate;
    private final String me;
    private final Clock clock;
    private final NodeReports reports;
    private final Semaphore news = new Semaphore(0);
    private final Thread thread = Thread.ofVirtual().name("jobs").unstarted(this::run);

    /** Attempts whose node is being asked to run them. */
    private final Set<RevisionName> starting = ConcurrentHashMap.newKeySet();

    /** Why attempts were not begun by the node that was asked. */
    private final Map<RevisionName, HearthException> notBegun = new ConcurrentHashMap<>();

    /** Attempts that did not begin, and when, by the clock. */
    private final Map<RevisionName, Long> resting = new HashMap<>();

    /** Attempts that are being stopped. */
    private final Set<RevisionName> stopping = ConcurrentHashMap.newKeySet();

    private Set<ExecutionName> held = Set.of();
    private long billedAt;
    private long sweptAt;
    private boolean away;
    private volatile boolean closing;

    /** What attempts are told in confidence. */
    public interface Secrets {
        /** As {@link dev.hearth.contracts.SecretPort#values}. */
        CompletionStage<SecretValues> values(ProjectName project, List<SecretMount> wanted);
    }

    /** Where usage is written down before anything depends on it. */
    public interface Billing {
        /** Writes a record; it survives this process when this returns. UNAVAILABLE if not. */
        void record(UsageRecord record);
    }

    /**
     * @param gate is asked before an attempt is claimed
     * @param me this gateway, unlike others; the same after a restart if need be
     */
    public JobRunner(
            JobQueuePort queue,
            TaskPort tasks,
            Secrets secrets,
            Billing billing,
            QuotaGate gate,
            String me,
            Clock clock) {
        this.queue = queue;
        this.tasks = tasks;
        this.secrets = secrets;
        this.billing = billing;
        this.gate = gate;
        this.me = me;
        this.clock = clock;
        this.reports = new NodeReports(tasks, clock);
        this.billedAt = clock.nanos();
        this.sweptAt = clock.nanos();
        tasks.onEnd(this::wake);
    }

    /** Begins to see to executions. */
    public void start() {
        thread.start();
    }

    /** There may be something to do. */
    public void wake() {
        news.release();
    }

    private void run() {
        while (!closing) {
            look();
            Duration pause = held.isEmpty() ? IDLE_PAUSE : BUSY_PAUSE;
            try {
                if (news.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                    news.drainPermits();
                }
            } catch (InterruptedException closed) {
                return;
            }
        }
    }

    /** One bad look must not end them all; what could not be done is done by the next. */
    private void look() {
        try {
            round();
            if (away) {
                away = false;
                LOG.info("jobs are seen to again");
            }
        } catch (HearthException e) {
            if (!away && !closing) {
                away = true;
                LOG.warnf("jobs wait, and tasks that run go on: %s", e.sentence());
            }
        } catch (RuntimeException e) {
            LOG.error("seeing to jobs failed", e);
        }
    }

    /** Begin what is due, hold what is to run, and take each of it a step further. */
    void round() {
        beginDue();
        List<Execution> mine = Waits.of(queue.hold(me, LEASE));
        Set<ExecutionName> before = held;
        held = new HashSet<>(mine.stream().map(Execution::name).toList());
        boolean sweeps =
                isTime(sweptAt, BETWEEN_SWEEPS) || !held.containsAll(before); // one was deleted
        if (mine.isEmpty() && !sweeps) {
            return;
        }
        reports.look();
        boolean bills = isTime(billedAt, BETWEEN_BILLS);
        for (Execution execution : mine) {
            step(execution, bills);
        }
        if (bills) {
            billedAt = clock.nanos();
        }
        if (sweeps) {
            sweep();
            sweptAt = clock.nanos();
        }
    }

    private boolean isTime(long since, Duration pause) {
        return clock.nanos() - since >= pause.toNanos();
    }

    // ---- schedules

    private void beginDue() {
        Instant now = now();
        for (Job job : Waits.of(queue.due(now))) {
            Instant due = job.nextRun().orElse(now);
            Optional<Instant> next = job.schedule().flatMap(s -> s.next(now));
            Optional<Execution> begun = Waits.of(queue.trigger(job.name(), due, next, now));
            begun.ifPresent(
                    e -> LOG.infof("job %s runs by its schedule as %s", job.name(), e.name()));
        }
    }

    // ---- executions

    private void step(Execution execution, boolean bills) {
        List<Task> open = Waits.of(queue.unfinished(execution.name(), MOST_WAITING));
        boolean cancelling = execution.state() == Execution.State.CANCELLING;
        int running = 0;
        int waiting = 0;
        for (Task task : open) {
            if (task.state() == Task.State.WAITING) {
                waiting++;
            } else if (goesOn(execution, task, bills)) {
                running++;
            }
        }
        if (cancelling && waiting > 0) {
            Waits.of(queue.cancelWaiting(me, execution.name(), now()));
            waiting = 0;
        } else if (!cancelling && waiting > 0) {
            String why = begin(execution, open, running);
            if (!why.equals(execution.message())) {
                Waits.of(queue.explain(me, execution.name(), why));
            }
        }
        if (waiting == 0 && running == 0) {
            Waits.of(queue.finish(me, execution.name(), now()));
        }
    }

    /** Whether an attempt that is to run still does, as far as is known. */
    private boolean goesOn(Execution execution, Task task, boolean bills) {
        RevisionName attempt = task.attemptName();
        Optional<Map<RevisionName, Report>> said = reports.of(task.node());
        if (said.isEmpty()) {
            if (reports.silence(task.node()).compareTo(NODE_PATIENCE) < 0) {
                return true;
            }
            end(execution, task, new Ending(new ExitCause.NodeLost(task.node()), now()));
            return false;
        }
        Report report = said.get().get(attempt);
        if (report == null) {
            return beginsAgain(execution, task);
        }
        if (report.instance().isPresent()
                && !report.instance().get().value().equals(task.instance())) {
            Waits.of(queue.begun(me, task, report.instance().get(), micros(report.begunAt())));
        }
        if (report.ending().isPresent()) {
            bill(report);
            if (end(execution, task, report.ending().get())) {
                tasks.forget(task.node(), attempt); // else whoever sees to it needs the report
            }
            return false;
        }
        stopIfDue(execution, task, report);
        if (bills) {
            bill(report);
        }
        return true;
    }

    /** Of an attempt that was claimed and that its node does not know. */
    private boolean beginsAgain(Execution execution, Task task) {
        RevisionName attempt = task.attemptName();
        HearthException why = notBegun.remove(attempt);
        if (why != null && LACKS_SECRETS.contains(why.kind())) {
            end(execution, task, new Ending(new ExitCause.NotStarted(why.sentence()), now()));
            return false;
        }
        if (why != null && !UNSURE.contains(why.reason())) {
            resting.put(attempt, clock.nanos());
            Waits.of(queue.unclaim(me, task, why.sentence()));
            return false;
        }
        if (!starting.contains(attempt)) {
            RevisionSpec again = Attempts.of(execution, task);
            start(task.node(), again, gate.hold(again)); // it begins once, all the same
        }
        return true;
    }

    private void stopIfDue(Execution execution, Task task, Report report) {
        boolean late = report.ranMillis() >= execution.template().timeout().toMillis();
        if (late || execution.state() == Execution.State.CANCELLING) {
            stop(
                    task.node(),
                    task.attemptName(),
                    late ? StopReason.TIMED_OUT : StopReason.REQUESTED);
        }
    }

    private void stop(String node, RevisionName attempt, StopReason reason) {
        if (stopping.add(attempt)) {
            tasks.stop(node, attempt, reason)
                    .whenComplete(
                            (done, failure) -> {
                                stopping.remove(attempt);
                                wake();
                            });
        }
    }

    /** Whether it is written down, and was not before. */
    private boolean end(Execution execution, Task task, Ending ending) {
        boolean cancelling = execution.state() == Execution.State.CANCELLING;
        Outcome outcome =
                Verdict.of(
                        new Ending(ending.cause(), micros(ending.at())),
                        task.attempt(),
                        execution.template().maxRetries(),
                        cancelling);
        boolean written = Waits.of(queue.ended(me, task, outcome));
        if (written && outcome.state() != Task.State.SUCCEEDED) {
            LOG.infof(
                    "task %d of %s, attempt %d: the container %s",
                    task.index(), execution.name(), task.attempt(), outcome.message());
        }
        wake(); // another attempt, or another task, has room now
        return written;
    }

    /** Why tasks wait that could begin but for their project's quota; empty when none does. */
    private String begin(Execution execution, List<Task> open, int running) {
        int parallelism = execution.template().parallelism();
        resting.values().removeIf(since -> isTime(since, REST));
        int room = parallelism == 0 ? Integer.MAX_VALUE : parallelism - running;
        for (Task task : open) {
            if (room <= 0) {
                return "";
            }
            if (task.state() == Task.State.WAITING
                    && isDue(task)
                    && !resting.containsKey(task.attemptName())) {
                RevisionSpec attempt = Attempts.of(execution, task);
                Optional<String> node = tasks.place(attempt);
                if (node.isEmpty()) {
                    return ""; // it waits
                }
                QuotaGate.Place place;
                try {
                    place = gate.enter(attempt);
                } catch (HearthException e) {
                    return "tasks wait: " + e.sentence();
                }
                if (claim(task, node.get(), place)) {
                    start(node.get(), attempt, place);
                    room--;
                }
            }
        }
        return "";
    }

    private boolean claim(Task task, String node, QuotaGate.Place place) {
        boolean claimed = false;
        try {
            claimed = Waits.of(queue.claim(me, task, node, now()));
            return claimed;
        } finally {
            if (!claimed) {
                place.close();
            }
        }
    }

    /** A clock that was put back must not keep it for longer than the longest rest. */
    private boolean isDue(Task task) {
        Instant now = now();
        return task.notBefore()
                .filter(at -> at.isAfter(now) && !at.isAfter(now.plus(BackOff.LONGEST)))
                .isEmpty();
    }

    private void start(String node, RevisionSpec attempt, QuotaGate.Place place) {
        starting.add(attempt.name());
        values(attempt)
                .thenCompose(values -> tasks.run(node, attempt, values))
                .whenComplete(
                        (begun, failure) -> {
                            place.close();
                            if (failure != null) {
                                notBegun.put(attempt.name(), HearthException.from(failure));
                            }
                            starting.remove(attempt.name());
                            wake();
                        });
    }

    private CompletionStage<SecretValues> values(RevisionSpec attempt) {
        List<SecretMount> wanted = attempt.container().secrets();
        return wanted.isEmpty()
                ? CompletableFuture.completedFuture(SecretValues.NONE)
                : secrets.values(attempt.service().project(), wanted);
    }

    // ---- what nobody wants

    /**
     * Stops and forgets attempts of executions that were deleted, or that were lost and retried.
     */
    private void sweep() {
        for (String node : reports.nodes()) {
            Map<RevisionName, Report> known = reports.of(node).orElse(Map.of());
            if (known.isEmpty()) {
                continue;
            }
            Set<RevisionName> wanted = Waits.of(queue.wanted(known.keySet()));
            known.forEach(
                    (attempt, report) -> {
                        if (!wanted.contains(attempt)) {
                            discard(node, report);
                        }
                    });
        }
    }

    private void discard(String node, Report report) {
        bill(report);
        if (report.ending().isEmpty()) {
            stop(node, report.attempt(), StopReason.DELETED);
        } else {
            tasks.forget(node, report.attempt());
        }
    }

    // ---- the bill

    private void bill(Report report) {
        JobUsage.of(report, clock.now()).ifPresent(billing::record);
    }

    private Instant now() {
        return micros(clock.now());
    }

    /** As exact as PostgreSQL keeps it. */
    private static Instant micros(Instant at) {
        return at.truncatedTo(ChronoUnit.MICROS);
    }

    /** Leaves everything to the others, or to the next start; what runs goes on. */
    @Override
    public void close() {
        closing = true;
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(15));
            if (!held.isEmpty()) {
                Waits.of(queue.release(me));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (HearthException e) {
            if (e.kind() == ErrorKind.INTERNAL) {
                LOG.error("leaving jobs to others failed", e);
            } else {
                LOG.infof("jobs are left to others when their time is up: %s", e.sentence());
            }
        }
    }
}
