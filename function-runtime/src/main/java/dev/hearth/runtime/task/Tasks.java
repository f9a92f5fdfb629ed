package dev.hearth.runtime.task;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.SecretValues;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.TaskPort.Ending;
import dev.hearth.contracts.TaskPort.Report;
import dev.hearth.runtime.instance.Instances;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The attempts at jobs' tasks that this node runs and ran. Each is begun once, however often it is
 * asked for; how it ended is kept until somebody has written it down elsewhere. Blocking; for
 * threads of one's own.
 */
public final class Tasks {
    private static final Logger LOG = Logger.getLogger(Tasks.class);

    /** Of the node's memory, that tasks may ask for all together: the rest is the services'. */
    private static final double MOST_MEMORY = 0.8;

    /** Forgotten attempts that are still not begun again, should a call for one come late. */
    private static final int FORGOTTEN_KEPT = 100_000;

    private final Instances instances;
    private final TaskRecords records;
    private final long memoryBytes;
    private final LongSupplier freeMemoryBytes;
    private final Clock clock;
    private final Consumer<RevisionName> onEnd;

    // guarded by this
    private final Map<RevisionName, Report> reports = new HashMap<>();
    private final Map<RevisionName, CompletableFuture<Void>> starting = new HashMap<>();
    private final Map<RevisionName, InstanceExit> early = new HashMap<>();
    private final Set<RevisionName> forgotten = new HashSet<>();

    /**
     * @param directory of its own
     * @param memoryBytes of the node
     * @param freeMemoryBytes of it now
     * @param onEnd told of every attempt that has ended
     */
    public static Tasks open(
            Path directory,
            Instances instances,
            long memoryBytes,
            LongSupplier freeMemoryBytes,
            Clock clock,
            Consumer<RevisionName> onEnd)
            throws IOException {
        return new Tasks(
                TaskRecords.open(directory), instances, memoryBytes, freeMemoryBytes, clock, onEnd);
    }

    private Tasks(
            TaskRecords records,
            Instances instances,
            long memoryBytes,
            LongSupplier freeMemoryBytes,
            Clock clock,
            Consumer<RevisionName> onEnd)
            throws IOException {
        this.records = records;
        this.instances = instances;
        this.memoryBytes = memoryBytes;
        this.freeMemoryBytes = freeMemoryBytes;
        this.clock = clock;
        this.onEnd = onEnd;
        records.all().forEach(r -> reports.put(r.attempt(), r));
    }

    /**
     * Begins an attempt, unless that was done before. Returns when its command executes, or could
     * not: that is an end, too. Throws EXHAUSTED {@code node-full} or UNAVAILABLE when it did not
     * begin.
     */
    public void run(RevisionSpec attempt, SecretValues secrets) {
        CompletableFuture<Void> mine = new CompletableFuture<>();
        @Nullable CompletableFuture<Void> others;
        synchronized (this) {
            if (isKnown(attempt.name())) {
                return;
            }
            others = starting.putIfAbsent(attempt.name(), mine);
        }
        if (others != null) {
            await(others);
            return;
        }
        try {
            begin(attempt, secrets);
            mine.complete(null);
        } catch (RuntimeException e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            synchronized (this) {
                starting.remove(attempt.name());
            }
        }
    }

    private boolean isKnown(RevisionName attempt) {
        return reports.containsKey(attempt) || forgotten.contains(attempt);
    }

    private static void await(CompletableFuture<Void> others) {
        try {
            others.get();
        } catch (ExecutionException e) {
            throw HearthException.from(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HearthException(
                    ErrorKind.UNAVAILABLE, "platform-stopping", "the node is stopping", e);
        }
    }

    private void begin(RevisionSpec attempt, SecretValues secrets) {
        requireRoom(attempt); // before anything is pulled for it
        try {
            instances.bring(attempt);
        } catch (HearthException e) {
            if (isOfThePlatform(e)) {
                throw e;
            }
            enter(attempt);
            ended(attempt.name(), new ExitCause.NotStarted(e.sentence()));
            return;
        }
        enter(attempt);
        try {
            InstanceId instance = instances.run(attempt, secrets);
            started(attempt.name(), instance).ifPresent(this::ended);
        } catch (HearthException e) {
            early(attempt.name()); // it says less than the failure
            if (isOfThePlatform(e)) {
                leave(attempt.name());
                throw e;
            }
            ended(attempt.name(), new ExitCause.NotStarted(e.sentence()));
        }
    }

    /** Whether it says nothing of the attempt, which may be tried on another node or later. */
    private static boolean isOfThePlatform(HearthException e) {
        return switch (e.kind()) {
            case UNAVAILABLE, EXHAUSTED, DEADLINE -> true;
            case INVALID,
                    UNAUTHENTICATED,
                    FORBIDDEN,
                    NOT_FOUND,
                    CONFLICT,
                    FAILED_PRECONDITION,
                    INTERNAL ->
                    false;
        };
    }

    /** Whether there is room for one more; what runs already counts as much as it may use. */
    public synchronized boolean hasRoom(Resources wanted) {
        long memory = wanted.memory().bytes();
        long cpu = wanted.cpu().millis();
        boolean alone = true;
        for (Report report : reports.values()) {
            if (report.ending().isEmpty()) {
                alone = false;
                memory += report.memoryBytes();
                cpu += report.cpuMillis();
            }
        }
        return memory <= MOST_MEMORY * memoryBytes
                && wanted.memory().bytes() <= freeMemoryBytes.getAsLong()
                && (alone || cpu <= instances.cpuMillis());
    }

    private void requireRoom(RevisionSpec attempt) {
        if (!hasRoom(attempt.resources())) {
            throw new HearthException(
                    ErrorKind.EXHAUSTED,
                    "node-full",
                    "the node has no room for "
                            + attempt.name()
                            + ", which may use "
                            + attempt.resources().cpu()
                            + " CPU and "
                            + attempt.resources().memory()
                            + " of memory, beside what runs; it waits");
        }
    }

    private synchronized void enter(RevisionSpec attempt) {
        requireRoom(attempt);
        Report report =
                new Report(
                        attempt.name(),
                        Optional.empty(),
                        attempt.resources().cpu().millis(),
                        attempt.resources().memory().bytes(),
                        clock.now(),
                        0,
                        Optional.empty());
        try {
            records.write(report);
        } catch (IOException e) {
            throw new HearthException(
                    ErrorKind.UNAVAILABLE,
                    "task-unwritable",
                    "that " + attempt.name() + " begins cannot be written down: " + e.getMessage(),
                    e);
        }
        reports.put(attempt.name(), report);
    }

    private synchronized void leave(RevisionName attempt) {
        reports.remove(attempt);
        removeRecord(attempt);
    }

    private void removeRecord(RevisionName attempt) {
        try {
            records.remove(attempt);
        } catch (IOException e) {
            LOG.errorf("the record of %s stays: %s", attempt, e.getMessage());
        }
    }

    /** Its end, should that have been told already. */
    private synchronized Optional<InstanceExit> started(RevisionName attempt, InstanceId instance) {
        has(attempt, instance);
        return early(attempt);
    }

    private synchronized Optional<InstanceExit> early(RevisionName attempt) {
        return Optional.ofNullable(early.remove(attempt));
    }

    private synchronized void has(RevisionName attempt, InstanceId instance) {
        @Nullable Report known = reports.get(attempt);
        if (known != null) {
            write(
                    new Report(
                            attempt,
                            Optional.of(instance),
                            known.cpuMillis(),
                            known.memoryBytes(),
                            known.begunAt(),
                            known.ranMillis(),
                            known.ending()));
        }
    }

    /** An instance of a task is no more; one that is being started may not have begun at all. */
    public void ended(InstanceExit exit) {
        synchronized (this) {
            @Nullable Report known = reports.get(exit.revision());
            if (known != null
                    && known.instance().isEmpty()
                    && starting.containsKey(exit.revision())) {
                early.put(exit.revision(), exit);
                return;
            }
        }
        ended(exit.revision(), exit.cause());
    }

    /** An attempt is over; what was said first stays. */
    public void ended(RevisionName attempt, ExitCause cause) {
        synchronized (this) {
            @Nullable Report known = reports.get(attempt);
            if (known == null || known.ending().isPresent()) {
                return;
            }
            Instant now = clock.now();
            write(
                    new Report(
                            attempt,
                            known.instance(),
                            known.cpuMillis(),
                            known.memoryBytes(),
                            known.begunAt(),
                            millis(known.begunAt(), now),
                            Optional.of(new Ending(cause, now))));
        }
        onEnd.accept(attempt);
    }

    /** What cannot be written is known for as long as this process lives. */
    private void write(Report report) {
        reports.put(report.attempt(), report);
        try {
            records.write(report);
        } catch (IOException e) {
            LOG.errorf(
                    "how %s goes on cannot be written down: %s", report.attempt(), e.getMessage());
        }
    }

    /** After a restart: what neither runs nor is known to have ended has ended unseen. */
    public void settle() {
        Set<RevisionName> running = new HashSet<>();
        instances.tasks().forEach(view -> running.add(view.revision()));
        for (Report report : reports()) {
            if (report.ending().isEmpty() && !running.contains(report.attempt())) {
                ended(report.attempt(), new ExitCause.Unwatched());
            }
        }
    }

    /** Stops an attempt; one that is over is fine. */
    public void stop(RevisionName attempt, StopReason reason) {
        for (InstanceView view : instances.tasks()) {
            if (view.revision().equals(attempt)) {
                instances.stop(view.id(), reason);
            }
        }
    }

    /** What is known of all attempts that are not forgotten. */
    public synchronized List<Report> reports() {
        Instant now = clock.now();
        return reports.values().stream().map(r -> until(r, now)).toList();
    }

    private static Report until(Report report, Instant now) {
        return report.ending().isPresent()
                ? report
                : new Report(
                        report.attempt(),
                        report.instance(),
                        report.cpuMillis(),
                        report.memoryBytes(),
                        report.begunAt(),
                        millis(report.begunAt(), now),
                        Optional.empty());
    }

    /** Of a clock that was put back, none. */
    private static long millis(Instant from, Instant to) {
        return Math.max(0, Duration.between(from, to).toMillis());
    }

    /** Lets go of an attempt that is over; one that runs is kept. */
    public synchronized void forget(RevisionName attempt) {
        @Nullable Report known = reports.get(attempt);
        if (known != null && known.ending().isPresent()) {
            reports.remove(attempt);
            if (forgotten.size() >= FORGOTTEN_KEPT) {
                forgotten.clear();
            }
            forgotten.add(attempt);
            removeRecord(attempt);
        }
    }
}
