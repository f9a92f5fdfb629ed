package dev.hearth.gateway.job;

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

/** Jobs, of whose changes this gateway's runner hears at once rather than at its next look. */
public final class PromptJobs implements JobPort {
    private final JobPort jobs;
    private final Runnable changed;

    /**
     * @param changed told when there is something to do
     */
    public PromptJobs(JobPort jobs, Runnable changed) {
        this.jobs = jobs;
        this.changed = changed;
    }

    private <T> CompletionStage<T> told(CompletionStage<T> change) {
        return change.whenComplete((done, failure) -> changed.run());
    }

    @Override
    public JobPort as(Caller caller) {
        return new PromptJobs(jobs.as(caller), changed);
    }

    @Override
    public CompletionStage<Job> deploy(JobRequest request) {
        return jobs.deploy(request);
    }

    @Override
    public CompletionStage<List<Job>> jobs() {
        return jobs.jobs();
    }

    @Override
    public CompletionStage<Job> job(JobName name) {
        return jobs.job(name);
    }

    @Override
    public CompletionStage<Void> delete(JobName name, JobCondition condition) {
        return told(jobs.delete(name, condition));
    }

    @Override
    public CompletionStage<Execution> run(
            JobName name, RunOverrides overrides, JobCondition condition) {
        return told(jobs.run(name, overrides, condition));
    }

    @Override
    public CompletionStage<List<Execution>> executions(JobName name) {
        return jobs.executions(name);
    }

    @Override
    public CompletionStage<Execution> execution(ExecutionName name) {
        return jobs.execution(name);
    }

    @Override
    public CompletionStage<Execution> cancel(ExecutionName name) {
        return told(jobs.cancel(name));
    }

    @Override
    public CompletionStage<Void> delete(ExecutionName name) {
        return jobs.delete(name);
    }

    @Override
    public CompletionStage<List<Task>> tasks(ExecutionName name, int from, int most) {
        return jobs.tasks(name, from, most);
    }
}
