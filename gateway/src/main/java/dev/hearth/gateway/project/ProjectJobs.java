package dev.hearth.gateway.project;

import dev.hearth.contracts.Caller;
import dev.hearth.contracts.Execution;
import dev.hearth.contracts.ExecutionName;
import dev.hearth.contracts.Job;
import dev.hearth.contracts.JobCondition;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.JobPort;
import dev.hearth.contracts.JobRequest;
import dev.hearth.contracts.RunOverrides;
import dev.hearth.contracts.Task;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Jobs as a project sees them: its own, by their names within it. */
public final class ProjectJobs implements JobPort {
    private final JobPort jobs;
    private final ImageRights rights;
    private final Caller caller;
    private final Labels labels;

    private ProjectJobs(JobPort jobs, ImageRights rights, Caller caller) {
        this.jobs = jobs;
        this.rights = rights;
        this.caller = caller;
        this.labels = new Labels(caller.project());
    }

    /** The jobs as the project of somebody who calls sees them. */
    public static JobPort of(JobPort jobs, ImageRights rights, Caller caller) {
        return new ProjectJobs(jobs.as(caller), rights, caller);
    }

    @Override
    public JobPort as(Caller who) {
        return of(jobs, rights, who);
    }

    @Override
    public CompletionStage<Job> deploy(JobRequest request) {
        JobRequest named = labels.request(request);
        return rights.check(caller, request.template().image())
                .thenCompose(may -> jobs.deploy(named))
                .thenApply(Labels::label);
    }

    @Override
    public CompletionStage<List<Job>> jobs() {
        return jobs.jobs().thenApply(all -> all.stream().map(Labels::label).toList());
    }

    @Override
    public CompletionStage<Job> job(JobName name) {
        return jobs.job(labels.job(name)).thenApply(Labels::label);
    }

    @Override
    public CompletionStage<Void> delete(JobName name, JobCondition condition) {
        return jobs.delete(labels.job(name), condition);
    }

    @Override
    public CompletionStage<Execution> run(
            JobName name, RunOverrides overrides, JobCondition condition) {
        return jobs.run(labels.job(name), overrides, condition).thenApply(Labels::label);
    }

    @Override
    public CompletionStage<List<Execution>> executions(JobName name) {
        return jobs.executions(labels.job(name))
                .thenApply(all -> all.stream().map(Labels::label).toList());
    }

    @Override
    public CompletionStage<Execution> execution(ExecutionName name) {
        return jobs.execution(labels.execution(name)).thenApply(Labels::label);
    }

    @Override
    public CompletionStage<Execution> cancel(ExecutionName name) {
        return jobs.cancel(labels.execution(name)).thenApply(Labels::label);
    }

    @Override
    public CompletionStage<Void> delete(ExecutionName name) {
        return jobs.delete(labels.execution(name));
    }

    @Override
    public CompletionStage<List<Task>> tasks(ExecutionName name, int from, int most) {
        return jobs.tasks(labels.execution(name), from, most)
                .thenApply(all -> all.stream().map(Labels::label).toList());
    }
}
