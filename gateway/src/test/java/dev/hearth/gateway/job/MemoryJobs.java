package dev.hearth.gateway.job;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.Execution;
import dev.hearth.contracts.ExecutionName;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.Job;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.JobQueuePort;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.Task;
import dev.hearth.contracts.TaskTemplate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** What the catalog keeps of jobs, in memory, with the same conditions; it can be away. */
final class MemoryJobs implements JobQueuePort {
    final Map<ExecutionName, Execution> executions =
            new TreeMap<>(java.util.Comparator.comparing(ExecutionName::value));
    final Map<ExecutionName, List<Task>> tasks = new HashMap<>();
    final List<Job> jobs = new ArrayList<>();
    boolean isAway;
    private final Map<ExecutionName, String> owners = new HashMap<>();
    private final Map<ExecutionName, Long> until = new HashMap<>();
    private final Clock clock;

    MemoryJobs(Clock clock) {
        this.clock = clock;
    }

    Execution begin(String name, TaskTemplate template) {
        ExecutionName execution = new ExecutionName(name);
        Execution begun =
                new Execution(
                        execution,
                        new JobName(name.substring(0, name.lastIndexOf('-'))),
                        UUID.randomUUID(),
                        template,
                        Execution.State.RUNNING,
                        new Execution.Counts(template.tasks(), 0, 0, 0, 0, 0),
                        clock.now(),
                        Optional.empty(),
                        Optional.empty(),
                        "",
                        Optional.empty());
        executions.put(execution, begun);
        List<Task> all = new ArrayList<>();
        for (int i = 0; i < template.tasks(); i++) {
            all.add(
                    new Task(
                            execution,
                            i,
                            Task.State.WAITING,
                            0,
                            "",
                            "",
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            ""));
        }
        tasks.put(execution, all);
        return begun;
    }

    void state(ExecutionName name, Execution.State state) {
        put(name, state, executions.get(name).message());
    }

    private void put(ExecutionName name, Execution.State state, String message) {
        Execution e = executions.get(name);
        executions.put(
                name,
                new Execution(
                        name,
                        e.job(),
                        e.uid(),
                        e.template(),
                        state,
                        e.counts(),
                        e.createdAt(),
                        e.startedAt(),
                        state.isOver() ? Optional.of(clock.now()) : Optional.empty(),
                        message,
                        e.scheduledFor()));
    }

    private <T> CompletionStage<T> answer(Supplier<T> work) {
        return isAway
                ? CompletableFuture.failedFuture(
                        new HearthException(
                                ErrorKind.UNAVAILABLE, "database-unavailable", "it is away"))
                : CompletableFuture.completedFuture(work.get());
    }

    private boolean isMine(String owner, ExecutionName name) {
        Execution e = executions.get(name);
        return e != null && !e.state().isOver() && owner.equals(owners.get(name));
    }

    /** Whether the task is as it was seen, in that state. */
    private boolean is(Task seen, Task.State state) {
        List<Task> all = tasks.get(seen.execution());
        return all != null
                && all.get(seen.index()).attempt() == seen.attempt()
                && all.get(seen.index()).state() == state;
    }

    private void put(Task task) {
        tasks.get(task.execution()).set(task.index(), task);
    }

    private static Task task(Task t, Task.State state, int attempt, String node, String message) {
        return new Task(
                t.execution(),
                t.index(),
                state,
                attempt,
                node,
                t.instance(),
                t.startedAt(),
                Optional.empty(),
                Optional.empty(),
                message);
    }

    private static Task resting(Task t, Optional<Instant> notBefore) {
        return new Task(
                t.execution(),
                t.index(),
                t.state(),
                t.attempt(),
                t.node(),
                t.instance(),
                t.startedAt(),
                t.completedAt(),
                t.exitCode(),
                t.message(),
                notBefore);
    }

    @Override
    public CompletionStage<List<Job>> due(Instant now) {
        return answer(
                () ->
                        jobs.stream()
                                .filter(j -> j.nextRun().filter(n -> !n.isAfter(now)).isPresent())
                                .toList());
    }

    @Override
    public CompletionStage<Optional<Execution>> trigger(
            JobName job, Instant due, Optional<Instant> next, Instant now) {
        return answer(
                () -> {
                    for (int i = 0; i < jobs.size(); i++) {
                        Job j = jobs.get(i);
                        if (j.name().equals(job) && j.nextRun().equals(Optional.of(due))) {
                            jobs.set(
                                    i,
                                    new Job(
                                            j.name(),
                                            j.version(),
                                            j.metadata(),
                                            j.template(),
                                            j.schedule(),
                                            next,
                                            0,
                                            Optional.empty(),
                                            j.createdAt(),
                                            now));
                            return Optional.of(
                                    begin(job + "-" + due.getEpochSecond(), j.template()));
                        }
                    }
                    return Optional.empty();
                });
    }

    @Override
    public CompletionStage<List<Execution>> hold(String owner, Duration lease) {
        return answer(
                () -> {
                    List<Execution> mine = new ArrayList<>();
                    for (Execution e : executions.values()) {
                        boolean free =
                                !owners.containsKey(e.name())
                                        || until.get(e.name()) - clock.nanos() < 0;
                        if (!e.state().isOver() && (free || owner.equals(owners.get(e.name())))) {
                            owners.put(e.name(), owner);
                            until.put(e.name(), clock.nanos() + lease.toNanos());
                            mine.add(e);
                        }
                    }
                    return mine;
                });
    }

    @Override
    public CompletionStage<Void> release(String owner) {
        owners.values().removeIf(owner::equals);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<List<Task>> unfinished(ExecutionName execution, int mostWaiting) {
        return answer(
                () ->
                        tasks.get(execution).stream()
                                .filter(
                                        t ->
                                                t.state() == Task.State.WAITING
                                                        || t.state() == Task.State.RUNNING)
                                .toList());
    }

    @Override
    public CompletionStage<Boolean> claim(String owner, Task task, String node, Instant at) {
        return answer(
                () -> {
                    boolean may =
                            isMine(owner, task.execution())
                                    && is(task, Task.State.WAITING)
                                    && executions.get(task.execution()).state()
                                            == Execution.State.RUNNING;
                    if (may) {
                        put(task(task, Task.State.RUNNING, task.attempt(), node, ""));
                    }
                    return may;
                });
    }

    @Override
    public CompletionStage<Void> unclaim(String owner, Task task, String why) {
        return answer(
                () -> {
                    if (isMine(owner, task.execution()) && is(task, Task.State.RUNNING)) {
                        put(task(task, Task.State.WAITING, task.attempt(), "", why));
                    }
                    return null;
                });
    }

    @Override
    public CompletionStage<Void> explain(String owner, ExecutionName execution, String why) {
        return answer(
                () -> {
                    if (isMine(owner, execution)) {
                        put(execution, executions.get(execution).state(), why);
                    }
                    return null;
                });
    }

    @Override
    public CompletionStage<Void> begun(String owner, Task task, InstanceId instance, Instant at) {
        return answer(
                () -> {
                    if (isMine(owner, task.execution()) && is(task, Task.State.RUNNING)) {
                        put(
                                new Task(
                                        task.execution(),
                                        task.index(),
                                        Task.State.RUNNING,
                                        task.attempt(),
                                        task.node(),
                                        instance.value(),
                                        Optional.of(at),
                                        Optional.empty(),
                                        Optional.empty(),
                                        ""));
                    }
                    return null;
                });
    }

    @Override
    public CompletionStage<Boolean> ended(String owner, Task task, Outcome outcome) {
        return answer(
                () -> {
                    boolean may = isMine(owner, task.execution()) && is(task, Task.State.RUNNING);
                    if (may) {
                        boolean again = outcome.state() == Task.State.WAITING;
                        put(
                                resting(
                                        task(
                                                task,
                                                outcome.state(),
                                                task.attempt() + (again ? 1 : 0),
                                                again ? "" : task.node(),
                                                outcome.message()),
                                        outcome.notBefore()));
                    }
                    return may;
                });
    }

    @Override
    public CompletionStage<Void> cancelWaiting(String owner, ExecutionName execution, Instant at) {
        return answer(
                () -> {
                    for (Task t : List.copyOf(tasks.get(execution))) {
                        if (isMine(owner, execution) && t.state() == Task.State.WAITING) {
                            put(task(t, Task.State.CANCELLED, t.attempt(), "", "cancelled"));
                        }
                    }
                    return null;
                });
    }

    @Override
    public CompletionStage<Void> finish(String owner, ExecutionName execution, Instant at) {
        return answer(
                () -> {
                    Set<Task.State> states = new HashSet<>();
                    tasks.get(execution).forEach(t -> states.add(t.state()));
                    boolean open =
                            states.contains(Task.State.WAITING)
                                    || states.contains(Task.State.RUNNING);
                    if (isMine(owner, execution) && !open) {
                        state(
                                execution,
                                states.contains(Task.State.CANCELLED)
                                        ? Execution.State.CANCELLED
                                        : states.contains(Task.State.FAILED)
                                                ? Execution.State.FAILED
                                                : Execution.State.SUCCEEDED);
                    }
                    return null;
                });
    }

    @Override
    public CompletionStage<Set<RevisionName>> wanted(Collection<RevisionName> attempts) {
        return answer(
                () -> {
                    Set<RevisionName> wanted = new HashSet<>();
                    tasks.values().stream()
                            .flatMap(List::stream)
                            .filter(t -> t.state() == Task.State.RUNNING)
                            .forEach(t -> wanted.add(t.attemptName()));
                    wanted.retainAll(attempts);
                    return wanted;
                });
    }
}
