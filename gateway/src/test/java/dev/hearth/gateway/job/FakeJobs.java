package dev.hearth.gateway.job;

import dev.hearth.contracts.Caller;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.Execution;
import dev.hearth.contracts.ExecutionName;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Job;
import dev.hearth.contracts.JobCondition;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.JobPort;
import dev.hearth.contracts.JobRequest;
import dev.hearth.contracts.RunOverrides;
import dev.hearth.contracts.ServiceVersion;
import dev.hearth.contracts.Task;
import dev.hearth.contracts.TaskTemplate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Jobs in memory; what becomes of executions is for the test to say. */
public final class FakeJobs implements JobPort {
    /** What executions that begin are at once. */
    public Execution.State outcome = Execution.State.SUCCEEDED;

    private final Map<JobName, Job> jobs = new LinkedHashMap<>();
    private final Map<ExecutionName, Execution> executions = new LinkedHashMap<>();

    private static <T> CompletionStage<T> answer(Supplier<T> work) {
        try {
            return CompletableFuture.completedFuture(work.get());
        } catch (HearthException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private Job known(JobName name) {
        Job job = jobs.get(name);
        if (job == null) {
            throw new HearthException(ErrorKind.NOT_FOUND, "job-not-found", "no job " + name);
        }
        return job;
    }

    private Execution known(ExecutionName name) {
        Execution execution = executions.get(name);
        if (execution == null) {
            throw new HearthException(
                    ErrorKind.NOT_FOUND, "execution-not-found", "no execution " + name);
        }
        return execution;
    }

    @Override
    public JobPort as(Caller caller) {
        return this;
    }

    @Override
    public synchronized CompletionStage<Job> deploy(JobRequest r) {
        return answer(
                () -> {
                    Optional<Job> now = Optional.ofNullable(jobs.get(r.name()));
                    r.condition().check(r.name(), now.map(Job::version));
                    ServiceVersion version =
                            now.map(
                                            j ->
                                                    new ServiceVersion(
                                                            j.version().uid(),
                                                            j.version().generation() + 1))
                                    .orElseGet(() -> new ServiceVersion(UUID.randomUUID(), 1));
                    Job job =
                            new Job(
                                    r.name(),
                                    version,
                                    r.metadata(),
                                    r.template(),
                                    r.schedule(),
                                    Optional.empty(),
                                    now.map(Job::executions).orElse(0),
                                    now.flatMap(Job::latest),
                                    Clock.system().now(),
                                    Clock.system().now());
                    jobs.put(r.name(), job);
                    return job;
                });
    }

    @Override
    public synchronized CompletionStage<List<Job>> jobs() {
        return answer(() -> List.copyOf(jobs.values()).reversed());
    }

    @Override
    public synchronized CompletionStage<Job> job(JobName name) {
        return answer(() -> known(name));
    }

    @Override
    public synchronized CompletionStage<Void> delete(JobName name, JobCondition condition) {
        return answer(
                () -> {
                    condition.check(name, Optional.of(known(name).version()));
                    jobs.remove(name);
                    return null;
                });
    }

    @Override
    public synchronized CompletionStage<Execution> run(
            JobName name, RunOverrides overrides, JobCondition condition) {
        return answer(
                () -> {
                    Job job = known(name);
                    condition.check(name, Optional.of(job.version()));
                    TaskTemplate template = overrides.over(job.template());
                    ExecutionName execution =
                            ExecutionName.of(name, "%05d".formatted(executions.size()));
                    executions.put(execution, execution(execution, name, template, outcome));
                    return executions.get(execution);
                });
    }

    private static Execution execution(
            ExecutionName name, JobName job, TaskTemplate template, Execution.State state) {
        int all = template.tasks();
        return new Execution(
                name,
                job,
                UUID.nameUUIDFromBytes(
                        name.value().getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                template,
                state,
                switch (state) {
                    case RUNNING, CANCELLING -> new Execution.Counts(0, all, 0, 0, 0, 0);
                    case SUCCEEDED -> new Execution.Counts(0, 0, all, 0, 0, 0);
                    case FAILED -> new Execution.Counts(0, 0, all - 1, 1, 0, 0);
                    case CANCELLED -> new Execution.Counts(0, 0, 0, 0, all, 0);
                },
                Clock.system().now(),
                Optional.of(Clock.system().now()),
                state.isOver() ? Optional.of(Clock.system().now()) : Optional.empty(),
                state == Execution.State.FAILED ? "1 of " + all + " tasks failed" : "",
                Optional.empty());
    }

    @Override
    public synchronized CompletionStage<List<Execution>> executions(JobName name) {
        return answer(
                () -> {
                    known(name);
                    return executions.values().stream()
                            .filter(e -> e.job().equals(name))
                            .toList()
                            .reversed();
                });
    }

    @Override
    public synchronized CompletionStage<Execution> execution(ExecutionName name) {
        return answer(() -> known(name));
    }

    @Override
    public synchronized CompletionStage<Execution> cancel(ExecutionName name) {
        return answer(
                () -> {
                    Execution e = known(name);
                    if (!e.state().isOver()) {
                        executions.put(
                                name,
                                execution(name, e.job(), e.template(), Execution.State.CANCELLED));
                    }
                    return known(name);
                });
    }

    @Override
    public synchronized CompletionStage<Void> delete(ExecutionName name) {
        return answer(
                () -> {
                    if (!known(name).state().isOver()) {
                        throw new HearthException(
                                ErrorKind.FAILED_PRECONDITION, "execution-running", "it runs");
                    }
                    executions.remove(name);
                    return null;
                });
    }

    @Override
    public synchronized CompletionStage<List<Task>> tasks(ExecutionName name, int from, int most) {
        return answer(
                () -> {
                    Execution e = known(name);
                    List<Task> all = new ArrayList<>();
                    for (int i = from; i < e.template().tasks() && all.size() < most; i++) {
                        all.add(
                                new Task(
                                        name,
                                        i,
                                        Task.State.SUCCEEDED,
                                        0,
                                        "",
                                        "i-aaaaaaaaaaaa",
                                        e.startedAt(),
                                        e.completedAt(),
                                        Optional.of(0),
                                        "exited with status 0"));
                    }
                    return all;
                });
    }
}
