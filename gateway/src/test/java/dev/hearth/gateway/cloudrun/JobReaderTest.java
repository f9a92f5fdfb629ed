package dev.hearth.gateway.cloudrun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.api.LaunchStage;
import com.google.cloud.run.v2.Container;
import com.google.cloud.run.v2.ContainerPort;
import com.google.cloud.run.v2.EnvVar;
import com.google.cloud.run.v2.EnvVarSource;
import com.google.cloud.run.v2.ExecutionTemplate;
import com.google.cloud.run.v2.Job;
import com.google.cloud.run.v2.ResourceRequirements;
import com.google.cloud.run.v2.RunJobRequest;
import com.google.cloud.run.v2.SecretKeySelector;
import com.google.cloud.run.v2.SecretVolumeSource;
import com.google.cloud.run.v2.TaskTemplate;
import com.google.cloud.run.v2.VersionToPath;
import com.google.cloud.run.v2.Volume;
import com.google.cloud.run.v2.VolumeMount;
import com.google.protobuf.Duration;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.JobCondition;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.JobRequest;
import dev.hearth.contracts.RunOverrides;
import dev.hearth.contracts.Schedule;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.ServiceVersion;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class JobReaderTest {
    private static final JobName NAME = new JobName("nightly");
    private static final LocationName LOCATION = new LocationName("p", "l");

    private static Job.Builder job() {
        Job.Builder job =
                Job.newBuilder()
                        .putLabels("team", "blue")
                        .putAnnotations("example.org/note", "kept")
                        .setClient("terraform")
                        .setLaunchStage(LaunchStage.BETA);
        job.setTemplate(
                ExecutionTemplate.newBuilder()
                        .putLabels("of", "executions")
                        .setTaskCount(5)
                        .setParallelism(2)
                        .setTemplate(
                                TaskTemplate.newBuilder()
                                        .setMaxRetries(0)
                                        .setTimeout(Duration.newBuilder().setSeconds(90))
                                        .addContainers(
                                                Container.newBuilder()
                                                        .setName("main")
                                                        .setImage("oci:/x")
                                                        .addCommand("/work")
                                                        .addArgs("-v")
                                                        .addEnv(env("Z", "1"))
                                                        .addEnv(env("A", "2"))
                                                        .setResources(
                                                                ResourceRequirements.newBuilder()
                                                                        .putLimits("cpu", "1000m")
                                                                        .putLimits(
                                                                                "memory",
                                                                                "64Mi")))));
        return job;
    }

    private static EnvVar env(String name, String value) {
        return EnvVar.newBuilder().setName(name).setValue(value).build();
    }

    private static JobRequest read(Job sent) {
        return JobReader.read(NAME, sent, Optional.empty(), JobCondition.ANY);
    }

    private static dev.hearth.contracts.Job stored(JobRequest wanted) {
        return new dev.hearth.contracts.Job(
                NAME,
                new ServiceVersion(UUID.randomUUID(), 3),
                wanted.metadata(),
                wanted.template(),
                wanted.schedule(),
                Optional.empty(),
                0,
                Optional.empty(),
                Instant.EPOCH,
                Instant.EPOCH);
    }

    @Test
    void read_defaults_areCloudRuns() {
        Job.Builder least = Job.newBuilder();
        least.getTemplateBuilder()
                .getTemplateBuilder()
                .addContainers(Container.newBuilder().setImage("oci:/x"));

        dev.hearth.contracts.TaskTemplate template = read(least.build()).template();

        assertThat(template.tasks()).isEqualTo(1);
        assertThat(template.parallelism()).isZero();
        assertThat(template.maxRetries()).isEqualTo(3);
        assertThat(template.timeout()).isEqualTo(java.time.Duration.ofMinutes(10));
        assertThat(template.resources().memory().toString()).isEqualTo("512Mi");
    }

    @Test
    void secrets_inVariablesAndFiles_areReadAndToldAgain() {
        Job.Builder sent = job();
        TaskTemplate.Builder task = sent.getTemplateBuilder().getTemplateBuilder();
        task.addVolumes(
                Volume.newBuilder()
                        .setName("keys")
                        .setSecret(
                                SecretVolumeSource.newBuilder()
                                        .setSecret("projects/p/secrets/tls")
                                        .addItems(
                                                VersionToPath.newBuilder()
                                                        .setPath("key.pem")
                                                        .setVersion("3"))));
        task.getContainersBuilder(0)
                .addEnv(
                        EnvVar.newBuilder()
                                .setName("DB")
                                .setValueSource(
                                        EnvVarSource.newBuilder()
                                                .setSecretKeyRef(
                                                        SecretKeySelector.newBuilder()
                                                                .setSecret("db")
                                                                .setVersion("latest"))))
                .addVolumeMounts(
                        VolumeMount.newBuilder().setName("keys").setMountPath("/run/keys"));

        JobRequest first = read(sent.build());
        assertThat(first.template().container().secrets())
                .extracting(SecretMount::toString)
                .containsExactly("/run/keys/key.pem=tls:3", "DB=db:latest");
        assertThat(first.template().container().env()).containsOnlyKeys("A", "Z");
        Job written = JobWriter.job(LOCATION, stored(first));
        assertThat(written.getTemplate().getTemplate().getContainers(0).getEnvList())
                .isEqualTo(sent.getTemplate().getTemplate().getContainers(0).getEnvList());
        assertThat(read(written).template()).isEqualTo(first.template());
    }

    @Test
    void written_isReadAgainAsTheSame_andHasWhatWasSent() {
        JobRequest first = read(job().build());
        Job written = JobWriter.job(LOCATION, stored(first));

        assertThat(written.getTemplate()).isEqualTo(job().getTemplate());
        assertThat(written.getLabelsMap()).isEqualTo(job().getLabelsMap());
        assertThat(written.getAnnotationsMap()).isEqualTo(job().getAnnotationsMap());
        assertThat(written.getClient()).isEqualTo("terraform");
        assertThat(written.getLaunchStage()).isEqualTo(LaunchStage.BETA);
        assertThat(JobReader.read(NAME, written, Optional.of(stored(first)), JobCondition.ANY))
                .isEqualTo(first);
    }

    @Test
    void update_whatTheMessageHasNoWordFor_stays() {
        JobRequest first = read(job().build());
        Schedule hourly = Schedule.parse("0 * * * *", "UTC");
        dev.hearth.contracts.Job now =
                stored(
                        new JobRequest(
                                NAME,
                                first.metadata(),
                                first.template(),
                                Optional.of(hourly),
                                JobCondition.ANY));

        JobRequest second = JobReader.read(NAME, job().build(), Optional.of(now), JobCondition.ANY);

        assertThat(second.schedule()).contains(hourly);
    }

    private static void refused(String field, Consumer<Job.Builder> change) {
        Job.Builder job = job();
        change.accept(job);
        assertThatThrownBy(() -> read(job.build()))
                .isInstanceOf(HearthException.class)
                .hasMessageContaining(field);
    }

    private static TaskTemplate.Builder task(Job.Builder job) {
        return job.getTemplateBuilder().getTemplateBuilder();
    }

    @Test
    void read_whatCannotBeHad_isRefusedByName() {
        refused("job.startExecutionToken", j -> j.setStartExecutionToken("x"));
        refused("job.template.template.serviceAccount", j -> task(j).setServiceAccount("x"));
        refused("job.template.template.volumes", j -> task(j).addVolumesBuilder().setName("v"));
        refused("containers", j -> task(j).clearContainers());
        refused("containers", j -> task(j).addContainersBuilder().setImage("y"));
        refused("image", j -> task(j).getContainersBuilder(0).clearImage());
        refused(
                "containers[0].ports",
                j ->
                        task(j).getContainersBuilder(0)
                                .addPorts(ContainerPort.newBuilder().setContainerPort(80)));
        refused(
                "limits[\"gpu\"]",
                j -> task(j).getContainersBuilder(0).getResourcesBuilder().putLimits("gpu", "1"));
        refused("env[2].name", j -> task(j).getContainersBuilder(0).addEnv(env("A", "3")));
        refused("timeout", j -> task(j).getTimeoutBuilder().setNanos(1));
        refused("timeout", j -> task(j).getTimeoutBuilder().setSeconds(86_401));
        refused("retries", j -> task(j).setMaxRetries(11));
        refused("tasks", j -> j.getTemplateBuilder().setTaskCount(10_001));
        refused("run.googleapis.com/x", j -> j.putAnnotations("run.googleapis.com/x", "y"));
    }

    private static RunOverrides overrides(RunJobRequest.Overrides.Builder sent) {
        return JobReader.overrides(RunJobRequest.newBuilder().setOverrides(sent).build());
    }

    @Test
    void overrides_nothingSent_areNone() {
        assertThat(overrides(RunJobRequest.Overrides.newBuilder())).isEqualTo(RunOverrides.NONE);
    }

    @Test
    void overrides_sent_areTaken() {
        RunJobRequest.Overrides.Builder sent =
                RunJobRequest.Overrides.newBuilder()
                        .setTaskCount(2)
                        .setTimeout(Duration.newBuilder().setSeconds(5));
        sent.addContainerOverridesBuilder().addArgs("-q").addEnv(env("B", "3"));

        dev.hearth.contracts.TaskTemplate over =
                overrides(sent).over(read(job().build()).template());

        assertThat(over.tasks()).isEqualTo(2);
        assertThat(over.timeout()).isEqualTo(java.time.Duration.ofSeconds(5));
        assertThat(over.container().args()).containsExactly("-q");
        assertThat(over.container().env()).containsEntry("A", "2").containsEntry("B", "3");
        RunJobRequest.Overrides.Builder cleared = RunJobRequest.Overrides.newBuilder();
        cleared.addContainerOverridesBuilder().setClearArgs(true);
        assertThat(overrides(cleared).args()).isEqualTo(Optional.of(List.of()));
    }
}
