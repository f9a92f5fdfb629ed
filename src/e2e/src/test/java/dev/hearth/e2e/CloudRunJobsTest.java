package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.api.gax.core.NoCredentialsProvider;
import com.google.api.gax.grpc.InstantiatingGrpcChannelProvider;
import com.google.api.gax.rpc.AbortedException;
import com.google.api.gax.rpc.AlreadyExistsException;
import com.google.api.gax.rpc.FixedHeaderProvider;
import com.google.api.gax.rpc.InvalidArgumentException;
import com.google.api.gax.rpc.NotFoundException;
import com.google.cloud.run.v2.CancelExecutionRequest;
import com.google.cloud.run.v2.Condition;
import com.google.cloud.run.v2.Container;
import com.google.cloud.run.v2.EnvVar;
import com.google.cloud.run.v2.Execution;
import com.google.cloud.run.v2.ExecutionReference.CompletionStatus;
import com.google.cloud.run.v2.ExecutionTemplate;
import com.google.cloud.run.v2.ExecutionsClient;
import com.google.cloud.run.v2.ExecutionsSettings;
import com.google.cloud.run.v2.Job;
import com.google.cloud.run.v2.JobName;
import com.google.cloud.run.v2.JobsClient;
import com.google.cloud.run.v2.JobsSettings;
import com.google.cloud.run.v2.LocationName;
import com.google.cloud.run.v2.ResourceRequirements;
import com.google.cloud.run.v2.RunJobRequest;
import com.google.cloud.run.v2.Task;
import com.google.cloud.run.v2.TaskTemplate;
import com.google.cloud.run.v2.TasksClient;
import com.google.cloud.run.v2.TasksSettings;
import com.google.protobuf.Duration;
import dev.hearth.testing.Eventually;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A program that has jobs run by Google's own client for Cloud Run, over either transport. */
@Tag("root")
@org.junit.jupiter.api.parallel.Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(SharedPlatform.class)
class CloudRunJobsTest {
    private static final LocationName LOCATION = LocationName.of("my-project", "europe-west1");
    private static final int MINUTES = 3;

    private static Platform platform;
    private static String image;

    /** What the client speaks. */
    enum Transport {
        REST,
        GRPC;

        /** Names may not be the same in two tests. */
        String named(String name) {
            return name + "-" + name().toLowerCase(Locale.ROOT);
        }
    }

    @BeforeAll
    static void start(Platform shared) {
        platform = shared;
        image = Platform.image("busybox");
    }

    private static InstantiatingGrpcChannelProvider plaintext() {
        return InstantiatingGrpcChannelProvider.newBuilder()
                .setChannelConfigurator(ManagedChannelBuilder::usePlaintext)
                .build();
    }

    private static FixedHeaderProvider token() {
        return FixedHeaderProvider.create(Map.of("authorization", "Bearer " + platform.token()));
    }

    private static String http() {
        return "http://127.0.0.1:" + platform.adminPort;
    }

    private static String grpc() {
        return "127.0.0.1:" + platform.adminPort;
    }

    private static JobsClient jobs(Transport transport) throws IOException {
        JobsSettings.Builder settings =
                transport == Transport.REST
                        ? JobsSettings.newHttpJsonBuilder().setEndpoint(http())
                        : JobsSettings.newBuilder()
                                .setEndpoint(grpc())
                                .setTransportChannelProvider(plaintext());
        return JobsClient.create(
                settings.setCredentialsProvider(NoCredentialsProvider.create())
                        .setHeaderProvider(token())
                        .build());
    }

    private static ExecutionsClient executions(Transport transport) throws IOException {
        ExecutionsSettings.Builder settings =
                transport == Transport.REST
                        ? ExecutionsSettings.newHttpJsonBuilder().setEndpoint(http())
                        : ExecutionsSettings.newBuilder()
                                .setEndpoint(grpc())
                                .setTransportChannelProvider(plaintext());
        return ExecutionsClient.create(
                settings.setCredentialsProvider(NoCredentialsProvider.create())
                        .setHeaderProvider(token())
                        .build());
    }

    private static TasksClient tasks(Transport transport) throws IOException {
        TasksSettings.Builder settings =
                transport == Transport.REST
                        ? TasksSettings.newHttpJsonBuilder().setEndpoint(http())
                        : TasksSettings.newBuilder()
                                .setEndpoint(grpc())
                                .setTransportChannelProvider(plaintext());
        return TasksClient.create(
                settings.setCredentialsProvider(NoCredentialsProvider.create())
                        .setHeaderProvider(token())
                        .build());
    }

    private static Job job(String script, int tasks) {
        return Job.newBuilder()
                .putLabels("team", "blue")
                .setTemplate(
                        ExecutionTemplate.newBuilder()
                                .setTaskCount(tasks)
                                .setParallelism(2)
                                .setTemplate(
                                        TaskTemplate.newBuilder()
                                                .setMaxRetries(1)
                                                .setTimeout(Duration.newBuilder().setSeconds(120))
                                                .addContainers(
                                                        Container.newBuilder()
                                                                .setImage(image)
                                                                .addCommand("sh")
                                                                .addArgs("-c")
                                                                .addArgs(script)
                                                                .addEnv(
                                                                        EnvVar.newBuilder()
                                                                                .setName("WHO")
                                                                                .setValue("world"))
                                                                .setResources(
                                                                        ResourceRequirements
                                                                                .newBuilder()
                                                                                .putLimits(
                                                                                        "cpu",
                                                                                        "250m")
                                                                                .putLimits(
                                                                                        "memory",
                                                                                        "32Mi")))))
                .build();
    }

    private static Condition completed(Execution execution) {
        return execution.getConditionsList().stream()
                .filter(c -> c.getType().equals("Completed"))
                .findFirst()
                .orElseThrow();
    }

    private static <T> List<T> all(Iterable<T> items) {
        return StreamSupport.stream(items.spliterator(), false).toList();
    }

    @ParameterizedTest
    @EnumSource
    void job_created_run_listed_updated_deleted(Transport transport) throws Exception {
        String id = transport.named("google-job");
        JobName name = JobName.of(LOCATION.getProject(), LOCATION.getLocation(), id);
        try (JobsClient jobs = jobs(transport);
                ExecutionsClient executions = executions(transport);
                TasksClient tasks = tasks(transport)) {
            Job created =
                    jobs.createJobAsync(LOCATION, job("echo hello $WHO", 3), id)
                            .get(MINUTES, TimeUnit.MINUTES);
            assertThat(created.getName()).isEqualTo(name.toString());
            assertThat(created.getGeneration()).isEqualTo(1);
            assertThat(created.getLabelsMap()).containsEntry("team", "blue");
            assertThat(created.getTerminalCondition().getState())
                    .isEqualTo(Condition.State.CONDITION_SUCCEEDED);
            assertThat(
                            created.getTemplate()
                                    .getTemplate()
                                    .getContainers(0)
                                    .getResources()
                                    .getLimitsMap())
                    .containsEntry("cpu", "250m")
                    .containsEntry("memory", "32Mi");
            assertThatThrownBy(() -> jobs.createJobAsync(LOCATION, job("true", 1), id).get())
                    .isInstanceOf(ExecutionException.class)
                    // over HTTP this client looks at the status only, which is 409 for both
                    .hasCauseInstanceOf(
                            transport == Transport.REST
                                    ? AbortedException.class
                                    : AlreadyExistsException.class);

            Execution execution = jobs.runJobAsync(name).get(MINUTES, TimeUnit.MINUTES);
            assertThat(execution.getSucceededCount()).isEqualTo(3);
            assertThat(execution.getTaskCount()).isEqualTo(3);
            assertThat(execution.getReconciling()).isFalse();
            assertThat(execution.hasCompletionTime()).isTrue();
            assertThat(completed(execution).getState())
                    .isEqualTo(Condition.State.CONDITION_SUCCEEDED);
            assertThat(executions.getExecution(execution.getName())).isEqualTo(execution);

            Execution other =
                    jobs.runJobAsync(
                                    RunJobRequest.newBuilder()
                                            .setName(name.toString())
                                            .setOverrides(
                                                    RunJobRequest.Overrides.newBuilder()
                                                            .setTaskCount(1)
                                                            .addContainerOverrides(
                                                                    RunJobRequest.Overrides
                                                                            .ContainerOverride
                                                                            .newBuilder()
                                                                            .addEnv(
                                                                                    EnvVar
                                                                                            .newBuilder()
                                                                                            .setName(
                                                                                                    "WHO")
                                                                                            .setValue(
                                                                                                    "moon"))))
                                            .build())
                            .get(MINUTES, TimeUnit.MINUTES);
            assertThat(other.getSucceededCount()).isEqualTo(1);
            assertThat(platform.succeed("jobs", "logs", id).out())
                    .contains("hello world")
                    .containsOnlyOnce("hello moon");

            assertThat(all(executions.listExecutions(name.toString()).iterateAll()))
                    .containsExactly(other, execution);
            List<Task> three = all(tasks.listTasks(execution.getName()).iterateAll());
            assertThat(three).extracting(Task::getIndex).containsExactly(0, 1, 2);
            assertThat(tasks.getTask(three.get(1).getName())).isEqualTo(three.get(1));
            assertThat(three.get(1).getLastAttemptResult().getExitCode()).isZero();

            Job now = jobs.getJob(name);
            assertThat(now.getExecutionCount()).isEqualTo(2);
            assertThat(now.getLatestCreatedExecution().getCompletionStatus())
                    .isEqualTo(CompletionStatus.EXECUTION_SUCCEEDED);
            assertThat(all(jobs.listJobs(LOCATION).iterateAll())).contains(now);

            Job.Builder changed = now.toBuilder();
            changed.getTemplateBuilder().setTaskCount(1);
            Job updated = jobs.updateJobAsync(changed.build()).get(MINUTES, TimeUnit.MINUTES);
            assertThat(updated.getGeneration()).isEqualTo(2);
            assertThat(updated.getTemplate().getTaskCount()).isEqualTo(1);
            assertThatThrownBy(() -> jobs.updateJobAsync(changed.build()).get())
                    .hasCauseInstanceOf(AbortedException.class); // it was read before

            executions.deleteExecutionAsync(other.getName()).get(MINUTES, TimeUnit.MINUTES);
            assertThatThrownBy(() -> executions.getExecution(other.getName()))
                    .isInstanceOf(NotFoundException.class);
            jobs.deleteJobAsync(name).get(MINUTES, TimeUnit.MINUTES);
            assertThatThrownBy(() -> jobs.getJob(name)).isInstanceOf(NotFoundException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void run_thatFails_isAnOperationThatFailed(Transport transport) throws Exception {
        String id = transport.named("google-fails");
        JobName name = JobName.of(LOCATION.getProject(), LOCATION.getLocation(), id);
        try (JobsClient jobs = jobs(transport);
                ExecutionsClient executions = executions(transport)) {
            jobs.createJobAsync(LOCATION, job("exit 3", 1), id).get(MINUTES, TimeUnit.MINUTES);
            assertThatThrownBy(() -> jobs.runJobAsync(name).get(MINUTES, TimeUnit.MINUTES))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("exited with status 3");
            Execution failed =
                    executions.listExecutions(name.toString()).iterateAll().iterator().next();
            assertThat(failed.getFailedCount()).isEqualTo(1);
            assertThat(failed.getRetriedCount()).isEqualTo(1);
            assertThat(completed(failed).getState()).isEqualTo(Condition.State.CONDITION_FAILED);
            jobs.deleteJobAsync(name).get(MINUTES, TimeUnit.MINUTES);
        }
    }

    @ParameterizedTest
    @EnumSource
    void execution_cancelled(Transport transport) throws Exception {
        String id = transport.named("google-endless");
        JobName name = JobName.of(LOCATION.getProject(), LOCATION.getLocation(), id);
        try (JobsClient jobs = jobs(transport);
                ExecutionsClient executions = executions(transport)) {
            jobs.createJobAsync(LOCATION, job("exec sleep 600", 1), id)
                    .get(MINUTES, TimeUnit.MINUTES);
            var run = jobs.runJobAsync(name);
            Execution execution = run.getMetadata().get(MINUTES, TimeUnit.MINUTES);
            assertThat(execution.getReconciling()).isTrue();
            Eventually.until(
                    "its task runs",
                    java.time.Duration.ofSeconds(60),
                    () -> executions.getExecution(execution.getName()).getRunningCount() == 1);

            Execution cancelled =
                    executions
                            .cancelExecutionAsync(
                                    CancelExecutionRequest.newBuilder()
                                            .setName(execution.getName())
                                            .build())
                            .get(MINUTES, TimeUnit.MINUTES);

            assertThat(cancelled.getCancelledCount()).isEqualTo(1);
            assertThat(completed(cancelled).getExecutionReason())
                    .isEqualTo(Condition.ExecutionReason.CANCELLED);
            jobs.deleteJobAsync(name).get(MINUTES, TimeUnit.MINUTES);
        }
    }

    @ParameterizedTest
    @EnumSource
    void job_withWhatCannotBe_isRefusedByName(Transport transport) throws Exception {
        try (JobsClient jobs = jobs(transport)) {
            Job.Builder withVolumes = job("true", 1).toBuilder();
            withVolumes
                    .getTemplateBuilder()
                    .getTemplateBuilder()
                    .setServiceAccount("somebody@example.com");
            assertThatThrownBy(
                            () ->
                                    jobs.createJobAsync(
                                                    LOCATION,
                                                    withVolumes.build(),
                                                    transport.named("google-no"))
                                            .get())
                    .hasCauseInstanceOf(InvalidArgumentException.class)
                    .hasMessageContaining("serviceAccount");
            assertThatThrownBy(() -> jobs.getJob("projects/p/locations/l/jobs/no-such"))
                    .isInstanceOf(NotFoundException.class);
        }
    }
}
