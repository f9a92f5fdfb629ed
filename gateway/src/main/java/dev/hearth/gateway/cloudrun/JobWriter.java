package dev.hearth.gateway.cloudrun;

import com.google.api.LaunchStage;
import com.google.cloud.run.v2.Condition;
import com.google.cloud.run.v2.Container;
import com.google.cloud.run.v2.Execution;
import com.google.cloud.run.v2.ExecutionEnvironment;
import com.google.cloud.run.v2.ExecutionReference;
import com.google.cloud.run.v2.ExecutionReference.CompletionStatus;
import com.google.cloud.run.v2.ExecutionTemplate;
import com.google.cloud.run.v2.Job;
import com.google.cloud.run.v2.ResourceRequirements;
import com.google.cloud.run.v2.TaskTemplate;
import com.google.protobuf.Duration;
import dev.hearth.contracts.Execution.State;
import dev.hearth.contracts.Metadata;
import java.time.Instant;
import java.util.List;

/** Jobs and their executions as Cloud Run shows them. */
final class JobWriter {
    private static final String COMPLETED = "Completed";

    private JobWriter() {}

    static Job job(LocationName location, dev.hearth.contracts.Job j) {
        Metadata kept = j.metadata();
        Job.Builder job =
                Job.newBuilder()
                        .setName(location.of(j.name()))
                        .setUid(j.version().uid().toString())
                        .setGeneration(j.version().generation())
                        .setObservedGeneration(j.version().generation())
                        .putAllLabels(Kept.shown(kept.labels()))
                        .putAllAnnotations(Kept.shown(kept.annotations()))
                        .setCreateTime(ServiceWriter.timestamp(j.createdAt()))
                        .setUpdateTime(ServiceWriter.timestamp(j.updatedAt()))
                        .setClient(kept.annotation(Kept.CLIENT))
                        .setClientVersion(kept.annotation(Kept.CLIENT_VERSION))
                        .setLaunchStage(stage(kept))
                        .setTemplate(template(j.template()))
                        .setTerminalCondition(ServiceWriter.succeeded("Ready", j.updatedAt()))
                        .setExecutionCount(j.executions())
                        .setEtag(j.version().etag());
        j.latest().ifPresent(e -> job.setLatestCreatedExecution(reference(e)));
        return job.build();
    }

    private static LaunchStage stage(Metadata kept) {
        String stage = kept.annotation(Kept.LAUNCH_STAGE);
        return stage.equals(LaunchStage.ALPHA.name())
                ? LaunchStage.ALPHA
                : stage.equals(LaunchStage.BETA.name()) ? LaunchStage.BETA : LaunchStage.GA;
    }

    private static ExecutionReference reference(dev.hearth.contracts.Execution e) {
        ExecutionReference.Builder reference =
                ExecutionReference.newBuilder()
                        .setName(e.name().value())
                        .setCreateTime(ServiceWriter.timestamp(e.createdAt()))
                        .setCompletionStatus(status(e));
        e.completedAt().ifPresent(at -> reference.setCompletionTime(ServiceWriter.timestamp(at)));
        return reference.build();
    }

    private static CompletionStatus status(dev.hearth.contracts.Execution e) {
        return switch (e.state()) {
            case RUNNING ->
                    e.startedAt().isPresent()
                            ? CompletionStatus.EXECUTION_RUNNING
                            : CompletionStatus.EXECUTION_PENDING;
            case CANCELLING -> CompletionStatus.EXECUTION_RUNNING;
            case SUCCEEDED -> CompletionStatus.EXECUTION_SUCCEEDED;
            case FAILED -> CompletionStatus.EXECUTION_FAILED;
            case CANCELLED -> CompletionStatus.EXECUTION_CANCELLED;
        };
    }

    static ExecutionTemplate template(dev.hearth.contracts.TaskTemplate t) {
        return ExecutionTemplate.newBuilder()
                .putAllLabels(Kept.shown(t.metadata().labels()))
                .putAllAnnotations(Kept.shown(t.metadata().annotations()))
                .setParallelism(t.parallelism())
                .setTaskCount(t.tasks())
                .setTemplate(task(t))
                .build();
    }

    private static TaskTemplate task(dev.hearth.contracts.TaskTemplate t) {
        return TaskTemplate.newBuilder()
                .addContainers(container(t))
                .addAllVolumes(SecretWriter.volumes(t.container()))
                .setMaxRetries(t.maxRetries())
                .setTimeout(Duration.newBuilder().setSeconds(t.timeout().toSeconds()))
                .setExecutionEnvironment(environment(t))
                .build();
    }

    static ExecutionEnvironment environment(dev.hearth.contracts.TaskTemplate t) {
        return t.metadata().annotation(Kept.EXECUTION_ENVIRONMENT).isEmpty()
                ? ExecutionEnvironment.EXECUTION_ENVIRONMENT_UNSPECIFIED
                : ExecutionEnvironment.EXECUTION_ENVIRONMENT_GEN2;
    }

    static Container container(dev.hearth.contracts.TaskTemplate t) {
        Container.Builder container =
                Container.newBuilder()
                        .setName(t.metadata().annotation(Kept.CONTAINER_NAME))
                        .setImage(t.image())
                        .addAllCommand(t.container().command())
                        .addAllArgs(t.container().args())
                        .setResources(
                                ResourceRequirements.newBuilder()
                                        .putLimits(
                                                TemplateReader.CPU,
                                                as(t, Kept.CPU, t.resources().cpu()))
                                        .putLimits(
                                                TemplateReader.MEMORY,
                                                as(t, Kept.MEMORY, t.resources().memory())));
        for (String name : order(t)) {
            container.addEnv(SecretWriter.variable(t.container(), name));
        }
        return container.addAllVolumeMounts(SecretWriter.mounts(t.container())).build();
    }

    private static String as(dev.hearth.contracts.TaskTemplate t, String kept, Object amount) {
        String text = t.metadata().annotation(kept);
        return text.isEmpty() ? amount.toString() : text;
    }

    /** As they came; all of the alphabet's order when an execution was given others. */
    private static List<String> order(dev.hearth.contracts.TaskTemplate t) {
        List<String> sorted = SecretWriter.variables(t.container());
        String kept = t.metadata().annotation(Kept.ENV_ORDER);
        List<String> names = List.of(kept.split(Kept.BETWEEN_NAMES, -1));
        return names.stream().sorted().toList().equals(sorted) ? names : sorted;
    }

    static Execution execution(LocationName location, dev.hearth.contracts.Execution e) {
        Execution.Builder execution =
                Execution.newBuilder()
                        .setName(location.of(e.job(), e.name()))
                        .setUid(e.uid().toString())
                        .setGeneration(1)
                        .setObservedGeneration(1)
                        .putAllLabels(Kept.shown(e.template().metadata().labels()))
                        .putAllAnnotations(Kept.shown(e.template().metadata().annotations()))
                        .setCreateTime(ServiceWriter.timestamp(e.createdAt()))
                        .setUpdateTime(
                                ServiceWriter.timestamp(
                                        e.completedAt().or(e::startedAt).orElse(e.createdAt())))
                        .setLaunchStage(LaunchStage.GA)
                        .setJob(e.job().value())
                        .setParallelism(e.template().parallelism())
                        .setTaskCount(e.template().tasks())
                        .setTemplate(task(e.template()))
                        .setReconciling(!e.state().isOver())
                        .addConditions(completed(e))
                        .setRunningCount(e.counts().running())
                        .setSucceededCount(e.counts().succeeded())
                        .setFailedCount(e.counts().failed())
                        .setCancelledCount(e.counts().cancelled())
                        .setRetriedCount(e.counts().retried())
                        .setEtag(e.etag());
        e.startedAt().ifPresent(at -> execution.setStartTime(ServiceWriter.timestamp(at)));
        e.completedAt().ifPresent(at -> execution.setCompletionTime(ServiceWriter.timestamp(at)));
        return execution.build();
    }

    private static Condition completed(dev.hearth.contracts.Execution e) {
        Instant since = e.completedAt().or(e::startedAt).orElse(e.createdAt());
        Condition.Builder condition =
                Condition.newBuilder()
                        .setType(COMPLETED)
                        .setMessage(e.message())
                        .setLastTransitionTime(ServiceWriter.timestamp(since));
        return switch (e.state()) {
            case SUCCEEDED -> condition.setState(Condition.State.CONDITION_SUCCEEDED).build();
            case FAILED ->
                    condition
                            .setState(Condition.State.CONDITION_FAILED)
                            .setExecutionReason(Condition.ExecutionReason.NON_ZERO_EXIT_CODE)
                            .build();
            case CANCELLED ->
                    condition
                            .setState(Condition.State.CONDITION_FAILED)
                            .setExecutionReason(Condition.ExecutionReason.CANCELLED)
                            .build();
            case RUNNING, CANCELLING -> {
                if (e.state() == State.CANCELLING) {
                    condition.setExecutionReason(Condition.ExecutionReason.CANCELLING);
                }
                yield condition.setState(Condition.State.CONDITION_RECONCILING).build();
            }
        };
    }
}
