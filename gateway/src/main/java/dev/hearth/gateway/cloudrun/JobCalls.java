package dev.hearth.gateway.cloudrun;

import com.google.cloud.run.v2.CreateJobRequest;
import com.google.cloud.run.v2.DeleteJobRequest;
import com.google.cloud.run.v2.GetJobRequest;
import com.google.cloud.run.v2.Job;
import com.google.cloud.run.v2.ListJobsRequest;
import com.google.cloud.run.v2.ListJobsResponse;
import com.google.cloud.run.v2.RunJobRequest;
import com.google.cloud.run.v2.UpdateJobRequest;
import com.google.iam.v1.GetIamPolicyRequest;
import com.google.iam.v1.Policy;
import com.google.iam.v1.SetIamPolicyRequest;
import com.google.iam.v1.TestIamPermissionsRequest;
import com.google.iam.v1.TestIamPermissionsResponse;
import com.google.longrunning.Operation;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.JobCondition;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.JobPort;
import dev.hearth.contracts.JobRequest;
import dev.hearth.contracts.RunOverrides;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** {@code google.cloud.run.v2.Jobs}. */
final class JobCalls {
    private final JobPort jobs;
    private final ExecutionCalls executions;
    private final Operations operations;
    private final Clock clock;
    private final Caller caller;

    JobCalls(JobPort jobs, ExecutionCalls executions, Operations operations, Clock clock) {
        this(jobs, executions, operations, clock, Caller.BOOTSTRAP);
    }

    private JobCalls(
            JobPort jobs,
            ExecutionCalls executions,
            Operations operations,
            Clock clock,
            Caller caller) {
        this.caller = caller;
        this.jobs = jobs;
        this.executions = executions;
        this.operations = operations;
        this.clock = clock;
    }

    /** The same, for calls by somebody. */
    JobCalls as(Caller who) {
        return new JobCalls(
                jobs.as(who), executions.as(who), operations.of(who.project()), clock, who);
    }

    CompletionStage<Job> get(GetJobRequest call) {
        LocationName.OfJob name = LocationName.job(call.getName());
        return jobs.job(name.job()).thenApply(job -> JobWriter.job(name.location(), job));
    }

    /** Newest first. */
    CompletionStage<ListJobsResponse> list(ListJobsRequest call) {
        LocationName location = LocationName.parse(call.getParent());
        return jobs.jobs()
                .thenApply(
                        all -> {
                            Pages.Part<dev.hearth.contracts.Job> part =
                                    Pages.part(all, call.getPageSize(), call.getPageToken());
                            return ListJobsResponse.newBuilder()
                                    .addAllJobs(
                                            part.items().stream()
                                                    .map(j -> JobWriter.job(location, j))
                                                    .toList())
                                    .setNextPageToken(part.next())
                                    .build();
                        });
    }

    CompletionStage<Operation> create(CreateJobRequest call) {
        LocationName location = LocationName.parse(call.getParent());
        if (call.getJobId().isEmpty()) {
            throw Sent.wrong("jobId", "is missing");
        }
        return create(
                new LocationName.OfJob(location, new JobName(call.getJobId())),
                call.getJob(),
                call.getValidateOnly());
    }

    private CompletionStage<Operation> create(
            LocationName.OfJob name, Job sent, boolean validateOnly) {
        JobRequest wanted = JobReader.read(name.job(), sent, Optional.empty(), JobCondition.ABSENT);
        return found(name.job())
                .thenCompose(
                        there -> {
                            JobCondition.ABSENT.check(
                                    name.job(), there.map(dev.hearth.contracts.Job::version));
                            return deployed(name, sent, wanted, validateOnly);
                        });
    }

    /** All of a job is sent; there is no mask. */
    CompletionStage<Operation> update(UpdateJobRequest call) {
        LocationName.OfJob name = LocationName.job(call.getJob().getName());
        return found(name.job())
                .thenCompose(
                        there -> {
                            if (there.isEmpty()) {
                                return call.getAllowMissing()
                                        ? create(name, call.getJob(), call.getValidateOnly())
                                        : CompletableFuture.failedFuture(noSuchJob(name));
                            }
                            return update(name, call, there.get());
                        });
    }

    private CompletionStage<Operation> update(
            LocationName.OfJob name, UpdateJobRequest call, dev.hearth.contracts.Job now) {
        JobCondition.unchanged(call.getJob().getEtag())
                .check(now.name(), Optional.of(now.version()));
        JobRequest wanted =
                JobReader.read(
                        name.job(),
                        call.getJob(),
                        Optional.of(now),
                        JobCondition.unchanged(now.version().etag()));
        return deployed(name, call.getJob(), wanted, call.getValidateOnly());
    }

    private CompletionStage<Operation> deployed(
            LocationName.OfJob name, Job sent, JobRequest wanted, boolean validateOnly) {
        Job meant = sent.toBuilder().setName(name.toString()).build();
        return validateOnly
                ? operations.run(name.location(), meant, CompletableFuture.completedFuture(meant))
                : operations.run(
                        name.location(),
                        meant.toBuilder().setReconciling(true).build(),
                        jobs.deploy(wanted).thenApply(job -> JobWriter.job(name.location(), job)));
    }

    CompletionStage<Operation> delete(DeleteJobRequest call) {
        LocationName.OfJob name = LocationName.job(call.getName());
        JobCondition condition = JobCondition.unchanged(call.getEtag());
        return jobs.job(name.job())
                .thenCompose(
                        now -> {
                            condition.check(now.name(), Optional.of(now.version()));
                            Job last = JobWriter.job(name.location(), now);
                            return operations.run(
                                    name.location(),
                                    last,
                                    call.getValidateOnly()
                                            ? CompletableFuture.completedFuture(last)
                                            : jobs.delete(name.job(), condition)
                                                    .thenApply(gone -> deleted(last)));
                        });
    }

    private Job deleted(Job last) {
        return last.toBuilder().setDeleteTime(ServiceWriter.timestamp(clock.now())).build();
    }

    /** An operation that is over when the execution is. */
    CompletionStage<Operation> run(RunJobRequest call) {
        LocationName.OfJob name = LocationName.job(call.getName());
        RunOverrides overrides = JobReader.overrides(call);
        JobCondition condition = JobCondition.unchanged(call.getEtag());
        if (!call.getValidateOnly()) {
            return jobs.run(name.job(), overrides, condition)
                    .thenCompose(begun -> executions.operation(name.location(), begun));
        }
        return jobs.job(name.job())
                .thenCompose(
                        job -> {
                            condition.check(job.name(), Optional.of(job.version()));
                            overrides.over(job.template());
                            Job last = JobWriter.job(name.location(), job);
                            return operations.run(
                                    name.location(), last, CompletableFuture.completedFuture(last));
                        });
    }

    // ---- who may run it: whoever may deploy

    CompletionStage<Policy> policy(GetIamPolicyRequest call) {
        return jobs.job(LocationName.job(call.getResource()).job())
                .thenApply(job -> Policy.newBuilder().setVersion(1).build());
    }

    CompletionStage<Policy> setPolicy(SetIamPolicyRequest call) {
        return jobs.job(LocationName.job(call.getResource()).job())
                .thenApply(
                        job -> {
                            if (call.getPolicy().getBindingsCount() > 0) {
                                throw Sent.unsupported(
                                        "policy.bindings",
                                        "cannot be given to a job: whoever may deploy may run it");
                            }
                            return Policy.newBuilder().setVersion(1).build();
                        });
    }

    CompletionStage<TestIamPermissionsResponse> test(TestIamPermissionsRequest call) {
        return jobs.job(LocationName.job(call.getResource()).job())
                .thenApply(
                        job ->
                                TestIamPermissionsResponse.newBuilder()
                                        .addAllPermissions(
                                                call.getPermissionsList().stream()
                                                        .filter(p -> PolicyCalls.has(caller, p))
                                                        .toList())
                                        .build());
    }

    private CompletionStage<Optional<dev.hearth.contracts.Job>> found(JobName name) {
        return Lookups.found(jobs.job(name));
    }

    private static HearthException noSuchJob(LocationName.OfJob name) {
        return new HearthException(
                ErrorKind.NOT_FOUND, "job-not-found", "there is no job \"" + name + "\"");
    }
}
