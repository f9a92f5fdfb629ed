package dev.hearth.catalog.app;

import dev.hearth.catalog.job.Jobs;
import dev.hearth.catalog.store.JobQueueStore;
import dev.hearth.catalog.store.JobStore;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.Execution;
import dev.hearth.contracts.ExecutionName;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.Job;
import dev.hearth.contracts.JobCondition;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.JobPort;
import dev.hearth.contracts.JobQueuePort;
import dev.hearth.contracts.JobRequest;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RunOverrides;
import dev.hearth.contracts.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Jobs as the other rooms see them. */
final class JobCatalog implements JobPort, JobQueuePort {
    private final Jobs jobs;
    private final JobStore store;
    private final JobQueueStore queue;

    JobCatalog(Jobs jobs, JobStore store, JobQueueStore queue) {
        this.jobs = jobs;
        this.store = store;
        this.queue = queue;
    }

    @Override
    public JobPort as(Caller caller) {
        return new JobCatalog(jobs.as(caller), store.as(caller), queue);
    }

    @Override
    public CompletionStage<Job> deploy(JobRequest request) {
        return Catalog.begun(jobs.deploy(request));
    }

    @Override
    public CompletionStage<List<Job>> jobs() {
        return Catalog.begun(store.jobs());
    }

    @Override
    public CompletionStage<Job> job(JobName name) {
        return Catalog.begun(store.job(name));
    }

    @Override
    public CompletionStage<Void> delete(JobName name, JobCondition condition) {
        return Catalog.begun(store.delete(name, condition));
    }

    @Override
    public CompletionStage<Execution> run(
            JobName name, RunOverrides overrides, JobCondition condition) {
        return Catalog.begun(jobs.run(name, overrides, condition));
    }

    @Override
    public CompletionStage<List<Execution>> executions(JobName name) {
        return Catalog.begun(store.executions(name));
    }

    @Override
    public CompletionStage<Execution> execution(ExecutionName name) {
        return Catalog.begun(store.execution(name));
    }

    @Override
    public CompletionStage<Execution> cancel(ExecutionName name) {
        return Catalog.begun(store.cancel(name));
    }

    @Override
    public CompletionStage<Void> delete(ExecutionName name) {
        return Catalog.begun(store.delete(name));
    }

    @Override
    public CompletionStage<List<Task>> tasks(ExecutionName name, int from, int most) {
        return Catalog.begun(store.tasks(name, from, most));
    }

    // ---- for the gateways that see to them

    @Override
    public CompletionStage<List<Job>> due(Instant now) {
        return Catalog.begun(queue.due(now));
    }

    @Override
    public CompletionStage<Optional<Execution>> trigger(
            JobName job, Instant due, Optional<Instant> next, Instant now) {
        return Catalog.begun(queue.trigger(job, jobs.name(job), due, next, now));
    }

    @Override
    public CompletionStage<List<Execution>> hold(String owner, Duration lease) {
        return Catalog.begun(queue.hold(owner, lease));
    }

    @Override
    public CompletionStage<Void> release(String owner) {
        return Catalog.begun(queue.release(owner));
    }

    @Override
    public CompletionStage<List<Task>> unfinished(ExecutionName execution, int mostWaiting) {
        return Catalog.begun(queue.unfinished(execution, mostWaiting));
    }

    @Override
    public CompletionStage<Boolean> claim(String owner, Task task, String node, Instant at) {
        return Catalog.begun(queue.claim(owner, task, node, at));
    }

    @Override
    public CompletionStage<Void> unclaim(String owner, Task task, String why) {
        return Catalog.begun(queue.unclaim(owner, task, why));
    }

    @Override
    public CompletionStage<Void> explain(String owner, ExecutionName execution, String why) {
        return Catalog.begun(queue.explain(owner, execution, why));
    }

    @Override
    public CompletionStage<Void> begun(String owner, Task task, InstanceId instance, Instant at) {
        return Catalog.begun(queue.begun(owner, task, instance, at));
    }

    @Override
    public CompletionStage<Boolean> ended(String owner, Task task, Outcome outcome) {
        return Catalog.begun(queue.ended(owner, task, outcome));
    }

    @Override
    public CompletionStage<Void> cancelWaiting(String owner, ExecutionName execution, Instant at) {
        return Catalog.begun(queue.cancelWaiting(owner, execution, at));
    }

    @Override
    public CompletionStage<Void> finish(String owner, ExecutionName execution, Instant at) {
        return Catalog.begun(queue.finish(owner, execution, at));
    }

    @Override
    public CompletionStage<Set<RevisionName>> wanted(Collection<RevisionName> attempts) {
        return Catalog.begun(queue.wanted(attempts));
    }
}
