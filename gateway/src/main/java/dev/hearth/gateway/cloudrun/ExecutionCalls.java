package dev.hearth.gateway.cloudrun;

import com.google.cloud.run.v2.CancelExecutionRequest;
import com.google.cloud.run.v2.DeleteExecutionRequest;
import com.google.cloud.run.v2.GetExecutionRequest;
import com.google.cloud.run.v2.GetTaskRequest;
import com.google.cloud.run.v2.ListExecutionsRequest;
import com.google.cloud.run.v2.ListExecutionsResponse;
import com.google.cloud.run.v2.ListTasksRequest;
import com.google.cloud.run.v2.ListTasksResponse;
import com.google.cloud.run.v2.Task;
import com.google.longrunning.Operation;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.Execution;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.JobPort;
import dev.hearth.contracts.TaskTemplate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** {@code google.cloud.run.v2.Executions} and {@code Tasks}. */
final class ExecutionCalls {
    private static final long FIRST_PAUSE_MILLIS = 250;
    private static final long LONGEST_PAUSE_MILLIS = 4_000;

    private final JobPort jobs;
    private final Operations operations;
    private final Clock clock;

    ExecutionCalls(JobPort jobs, Operations operations, Clock clock) {
        this.jobs = jobs;
        this.operations = operations;
        this.clock = clock;
    }

    /** The same, for calls by somebody. */
    ExecutionCalls as(Caller caller) {
        return new ExecutionCalls(jobs.as(caller), operations.of(caller.project()), clock);
    }

    CompletionStage<com.google.cloud.run.v2.Execution> get(GetExecutionRequest call) {
        LocationName.OfExecution name = LocationName.execution(call.getName());
        return found(name).thenApply(e -> JobWriter.execution(name.location(), e));
    }

    /** One of another job is none of this one's. */
    private CompletionStage<Execution> found(LocationName.OfExecution name) {
        return jobs.execution(name.execution())
                .thenApply(
                        e -> {
                            if (!e.job().equals(name.job())) {
                                throw new HearthException(
                                        ErrorKind.NOT_FOUND,
                                        "execution-not-found",
                                        "there is no execution \"" + name + "\"");
                            }
                            return e;
                        });
    }

    /** Newest first. */
    CompletionStage<ListExecutionsResponse> list(ListExecutionsRequest call) {
        LocationName.OfJob parent = LocationName.job(call.getParent());
        return jobs.executions(parent.job())
                .thenApply(
                        all -> {
                            Pages.Part<Execution> part =
                                    Pages.part(all, call.getPageSize(), call.getPageToken());
                            return ListExecutionsResponse.newBuilder()
                                    .addAllExecutions(
                                            part.items().stream()
                                                    .map(
                                                            e ->
                                                                    JobWriter.execution(
                                                                            parent.location(), e))
                                                    .toList())
                                    .setNextPageToken(part.next())
                                    .build();
                        });
    }

    CompletionStage<Operation> cancel(CancelExecutionRequest call) {
        LocationName.OfExecution name = LocationName.execution(call.getName());
        return found(name)
                .thenCompose(
                        now -> {
                            check(call.getEtag(), now);
                            if (call.getValidateOnly() || now.state().isOver()) {
                                return done(name.location(), now);
                            }
                            return jobs.cancel(now.name())
                                    .thenCompose(
                                            e ->
                                                    operations.run(
                                                            name.location(),
                                                            JobWriter.execution(name.location(), e),
                                                            over(e, FIRST_PAUSE_MILLIS)
                                                                    .thenApply(
                                                                            last ->
                                                                                    JobWriter
                                                                                            .execution(
                                                                                                    name
                                                                                                            .location(),
                                                                                                    last))));
                        });
    }

    private CompletionStage<Operation> done(LocationName location, Execution now) {
        com.google.cloud.run.v2.Execution written = JobWriter.execution(location, now);
        return operations.run(location, written, CompletableFuture.completedFuture(written));
    }

    CompletionStage<Operation> delete(DeleteExecutionRequest call) {
        LocationName.OfExecution name = LocationName.execution(call.getName());
        return found(name)
                .thenCompose(
                        now -> {
                            check(call.getEtag(), now);
                            return call.getValidateOnly()
                                    ? done(name.location(), now)
                                    : jobs.delete(now.name())
                                            .thenCompose(gone -> deleted(name.location(), now));
                        });
    }

    private CompletionStage<Operation> deleted(LocationName location, Execution last) {
        com.google.cloud.run.v2.Execution written =
                JobWriter.execution(location, last).toBuilder()
                        .setDeleteTime(ServiceWriter.timestamp(clock.now()))
                        .build();
        return operations.run(location, written, CompletableFuture.completedFuture(written));
    }

    private static void check(String etag, Execution now) {
        if (!etag.isEmpty() && !etag.equals(now.etag())) {
            throw new HearthException(
                    ErrorKind.CONFLICT,
                    "execution-changed",
                    "execution " + now.name() + " is not as it was any more; read it again");
        }
    }

    /** An operation that is over when the execution is, and failed when that did not succeed. */
    CompletionStage<Operation> operation(LocationName location, Execution begun) {
        return operations.run(
                location,
                JobWriter.execution(location, begun),
                over(begun, FIRST_PAUSE_MILLIS)
                        .thenApply(
                                last -> {
                                    if (last.state() != Execution.State.SUCCEEDED) {
                                        throw failed(last);
                                    }
                                    return JobWriter.execution(location, last);
                                }));
    }

    private static HearthException failed(Execution e) {
        return new HearthException(
                ErrorKind.FAILED_PRECONDITION,
                "execution-" + e.state().word(),
                "execution "
                        + e.name()
                        + " "
                        + (e.state() == Execution.State.CANCELLED ? "was cancelled" : "failed")
                        + (e.message().isEmpty() ? "" : ": " + e.message()));
    }

    /** Completes when it is over; asks less often the longer that takes. */
    private CompletionStage<Execution> over(Execution seen, long pauseMillis) {
        if (seen.state().isOver()) {
            return CompletableFuture.completedFuture(seen);
        }
        return CompletableFuture.supplyAsync(
                        () -> jobs.execution(seen.name()),
                        CompletableFuture.delayedExecutor(pauseMillis, TimeUnit.MILLISECONDS))
                .thenCompose(asked -> asked)
                .exceptionally(
                        failure -> {
                            HearthException why = HearthException.from(failure);
                            if (why.kind() == ErrorKind.UNAVAILABLE) {
                                return seen; // the database is away for a while
                            }
                            throw why;
                        })
                .thenCompose(now -> over(now, Math.min(LONGEST_PAUSE_MILLIS, pauseMillis * 5 / 4)));
    }

    // ---- tasks

    CompletionStage<Task> task(GetTaskRequest call) {
        LocationName.OfTask name = LocationName.task(call.getName());
        LocationName.OfExecution of = name.execution();
        return found(of)
                .thenCompose(
                        e -> {
                            String prefix = TaskWriter.id(e, 0).replaceAll("0$", "");
                            String index =
                                    name.id().startsWith(prefix)
                                            ? name.id().substring(prefix.length())
                                            : "";
                            if (!index.matches("\\d{1,5}")) {
                                throw noSuchTask(call.getName());
                            }
                            return jobs.tasks(e.name(), Integer.parseInt(index), 1)
                                    .thenApply(found -> only(found, index, call.getName()))
                                    .thenApply(t -> TaskWriter.write(of.location(), e, t));
                        });
    }

    private static dev.hearth.contracts.Task only(
            List<dev.hearth.contracts.Task> found, String index, String name) {
        if (found.isEmpty() || found.getFirst().index() != Integer.parseInt(index)) {
            throw noSuchTask(name);
        }
        return found.getFirst();
    }

    private static HearthException noSuchTask(String name) {
        return new HearthException(
                ErrorKind.NOT_FOUND, "task-not-found", "there is no task \"" + name + "\"");
    }

    CompletionStage<ListTasksResponse> tasks(ListTasksRequest call) {
        LocationName.OfExecution parent = LocationName.execution(call.getParent());
        return found(parent)
                .thenCompose(
                        e ->
                                jobs.tasks(e.name(), 0, TaskTemplate.MOST_TASKS)
                                        .thenApply(all -> part(parent.location(), e, all, call)));
    }

    private static ListTasksResponse part(
            LocationName location,
            Execution e,
            List<dev.hearth.contracts.Task> all,
            ListTasksRequest call) {
        Pages.Part<dev.hearth.contracts.Task> part =
                Pages.part(all, call.getPageSize(), call.getPageToken());
        return ListTasksResponse.newBuilder()
                .addAllTasks(
                        part.items().stream().map(t -> TaskWriter.write(location, e, t)).toList())
                .setNextPageToken(part.next())
                .build();
    }
}
