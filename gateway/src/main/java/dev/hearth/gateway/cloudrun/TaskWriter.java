package dev.hearth.gateway.cloudrun;

import com.google.cloud.run.v2.Condition;
import com.google.cloud.run.v2.Task;
import com.google.cloud.run.v2.TaskAttemptResult;
import com.google.protobuf.Duration;
import com.google.rpc.Code;
import com.google.rpc.Status;
import dev.hearth.contracts.Execution;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;

/** A task as Cloud Run shows it. */
final class TaskWriter {
    private TaskWriter() {}

    /** As Cloud Run names them. */
    static String id(Execution e, int index) {
        return e.name() + "-task" + index;
    }

    static Task write(LocationName location, Execution e, dev.hearth.contracts.Task t) {
        String name = location.of(e.job(), e.name()) + "/tasks/" + id(e, t.index());
        String made = e.uid() + "/" + t.index();
        Task.Builder task =
                Task.newBuilder()
                        .setName(name)
                        .setUid(
                                UUID.nameUUIDFromBytes(made.getBytes(StandardCharsets.UTF_8))
                                        .toString())
                        .setGeneration(1)
                        .setObservedGeneration(1)
                        .setCreateTime(ServiceWriter.timestamp(e.createdAt()))
                        .setUpdateTime(
                                ServiceWriter.timestamp(
                                        t.completedAt().or(t::startedAt).orElse(e.createdAt())))
                        .setJob(e.job().value())
                        .setExecution(e.name().value())
                        .addContainers(JobWriter.container(e.template()))
                        .addAllVolumes(SecretWriter.volumes(e.template().container()))
                        .setMaxRetries(e.template().maxRetries())
                        .setTimeout(
                                Duration.newBuilder()
                                        .setSeconds(e.template().timeout().toSeconds()))
                        .setExecutionEnvironment(JobWriter.environment(e.template()))
                        .setReconciling(t.completedAt().isEmpty())
                        .addConditions(completed(e, t))
                        .setIndex(t.index())
                        .setRetried(t.attempt())
                        .setEtag(e.etag() + "-" + t.attempt() + t.state().word());
        t.startedAt()
                .ifPresent(
                        at ->
                                task.setStartTime(ServiceWriter.timestamp(at))
                                        .setScheduledTime(ServiceWriter.timestamp(at)));
        t.completedAt().ifPresent(at -> task.setCompletionTime(ServiceWriter.timestamp(at)));
        if (!t.message().isEmpty()) {
            task.setLastAttemptResult(result(t));
        }
        return task.build();
    }

    private static TaskAttemptResult result(dev.hearth.contracts.Task t) {
        int code = t.exitCode().orElse(0);
        boolean fine = t.state() == dev.hearth.contracts.Task.State.SUCCEEDED;
        return TaskAttemptResult.newBuilder()
                .setStatus(
                        Status.newBuilder()
                                .setCode(fine ? Code.OK_VALUE : Code.UNKNOWN_VALUE)
                                .setMessage("The container " + t.message() + "."))
                .setExitCode(code)
                .build();
    }

    private static Condition completed(Execution e, dev.hearth.contracts.Task t) {
        Instant since = t.completedAt().or(t::startedAt).orElse(e.createdAt());
        Condition.State state =
                switch (t.state()) {
                    case WAITING -> Condition.State.CONDITION_PENDING;
                    case RUNNING -> Condition.State.CONDITION_RECONCILING;
                    case SUCCEEDED -> Condition.State.CONDITION_SUCCEEDED;
                    case FAILED, CANCELLED -> Condition.State.CONDITION_FAILED;
                };
        return Condition.newBuilder()
                .setType("Completed")
                .setState(state)
                .setMessage(t.message())
                .setLastTransitionTime(ServiceWriter.timestamp(since))
                .build();
    }
}
