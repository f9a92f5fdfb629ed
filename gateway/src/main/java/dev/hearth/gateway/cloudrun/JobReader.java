package dev.hearth.gateway.cloudrun;

import com.google.api.LaunchStage;
import com.google.cloud.run.v2.Container;
import com.google.cloud.run.v2.EnvVar;
import com.google.cloud.run.v2.ExecutionEnvironment;
import com.google.cloud.run.v2.ExecutionTemplate;
import com.google.cloud.run.v2.Job;
import com.google.cloud.run.v2.RunJobRequest;
import com.google.cloud.run.v2.RunJobRequest.Overrides.ContainerOverride;
import com.google.protobuf.Duration;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.JobCondition;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.JobRequest;
import dev.hearth.contracts.Metadata;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RunOverrides;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.TaskTemplate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A job as Cloud Run's clients send it, as what is to be deployed. What its message has no word for
 * (schedule, egress, CPU beyond one's own) stays as it is.
 */
final class JobReader {
    private static final Set<String> FIELDS =
            Set.of(
                    "name",
                    "labels",
                    "annotations",
                    "client",
                    "clientVersion",
                    "launchStage",
                    "template",
                    "etag",
                    // outputs
                    "uid",
                    "generation",
                    "createTime",
                    "updateTime",
                    "deleteTime",
                    "expireTime",
                    "creator",
                    "lastModifier",
                    "observedGeneration",
                    "terminalCondition",
                    "conditions",
                    "executionCount",
                    "latestCreatedExecution",
                    "reconciling",
                    "satisfiesPzs");
    private static final String EXECUTION = "job.template";
    private static final String TASK = EXECUTION + ".template";
    private static final String CONTAINER = TASK + ".containers[0]";

    private JobReader() {}

    /**
     * Throws INVALID with the field that cannot be had.
     *
     * @param now the job as it is
     */
    static JobRequest read(
            JobName name,
            Job sent,
            Optional<dev.hearth.contracts.Job> now,
            JobCondition condition) {
        Sent.only("job", sent, FIELDS);
        ExecutionTemplate execution = sent.getTemplate();
        Sent.only(
                EXECUTION,
                execution,
                Set.of("labels", "annotations", "parallelism", "taskCount", "template"));
        Metadata before = now.map(dev.hearth.contracts.Job::metadata).orElse(Metadata.NONE);
        LaunchStage stage = sent.getLaunchStage();
        boolean named = stage == LaunchStage.ALPHA || stage == LaunchStage.BETA;
        return new JobRequest(
                name,
                Kept.merged("job", sent.getLabelsMap(), sent.getAnnotationsMap(), before)
                        .with(Kept.CLIENT, sent.getClient())
                        .with(Kept.CLIENT_VERSION, sent.getClientVersion())
                        .with(Kept.LAUNCH_STAGE, named ? stage.name() : ""),
                template(execution, now.map(dev.hearth.contracts.Job::template)),
                now.flatMap(dev.hearth.contracts.Job::schedule),
                condition);
    }

    private static TaskTemplate template(
            ExecutionTemplate execution, Optional<TaskTemplate> before) {
        com.google.cloud.run.v2.TaskTemplate task = execution.getTemplate();
        Sent.only(
                TASK,
                task,
                Set.of("containers", "volumes", "maxRetries", "timeout", "executionEnvironment"));
        if (task.getContainersCount() != 1) {
            throw Sent.wrong(TASK + ".containers", "has to have exactly one container");
        }
        Container container = task.getContainers(0);
        Sent.only(
                CONTAINER,
                container,
                Set.of(
                        "name",
                        "image",
                        "command",
                        "args",
                        "env",
                        "resources",
                        "volumeMounts",
                        "buildInfo"));
        if (container.getImage().isBlank()) {
            throw Sent.wrong(CONTAINER + ".image", "is missing");
        }
        Cpu cpu = Cpu.parse(limit(container, TemplateReader.CPU, "1"));
        DataSize memory = DataSize.parse(limit(container, TemplateReader.MEMORY, "512Mi"));
        int beyond =
                before.map(TaskTemplate::resources)
                        .filter(r -> !r.cpuLimit().equals(r.cpu()))
                        .map(r -> r.cpuLimit().millis())
                        .orElse(0);
        return new TaskTemplate(
                container.getImage(),
                JobRequest.NOT_FOUND_YET,
                ContainerSpec.toEnd(
                        container.getCommandList(),
                        container.getArgsList(),
                        env(CONTAINER, values(container.getEnvList())),
                        secrets(task, container)),
                new Resources(cpu, new Cpu(Math.max(cpu.millis(), beyond)), memory),
                before.map(TaskTemplate::egress).orElse(Egress.DEFAULT),
                execution.getTaskCount() == 0 ? 1 : execution.getTaskCount(),
                execution.getParallelism(),
                task.hasMaxRetries() ? task.getMaxRetries() : TaskTemplate.DEFAULT_RETRIES,
                task.hasTimeout()
                        ? duration(TASK + ".timeout", task.getTimeout())
                        : TaskTemplate.DEFAULT_TIMEOUT,
                metadata(execution, container, cpu, memory, before));
    }

    private static Metadata metadata(
            ExecutionTemplate execution,
            Container container,
            Cpu cpu,
            DataSize memory,
            Optional<TaskTemplate> before) {
        ExecutionEnvironment environment = execution.getTemplate().getExecutionEnvironment();
        if (environment == ExecutionEnvironment.EXECUTION_ENVIRONMENT_GEN1
                || environment == ExecutionEnvironment.UNRECOGNIZED) {
            throw Sent.unsupported(TASK + ".executionEnvironment", "can be GEN2 only");
        }
        boolean isSecond = environment == ExecutionEnvironment.EXECUTION_ENVIRONMENT_GEN2;
        return Kept.merged(
                        EXECUTION,
                        execution.getLabelsMap(),
                        execution.getAnnotationsMap(),
                        before.map(TaskTemplate::metadata).orElse(Metadata.NONE))
                .with(Kept.EXECUTION_ENVIRONMENT, isSecond ? "gen2" : "")
                .with(Kept.CONTAINER_NAME, container.getName())
                .with(Kept.CPU, written(container, TemplateReader.CPU, cpu))
                .with(Kept.MEMORY, written(container, TemplateReader.MEMORY, memory))
                .with(Kept.ENV_ORDER, order(container.getEnvList()));
    }

    private static String limit(Container container, String name, String otherwise) {
        String path = CONTAINER + ".resources";
        Sent.only(path, container.getResources(), Set.of("limits"));
        for (String limit : container.getResources().getLimitsMap().keySet()) {
            if (!limit.equals(TemplateReader.CPU) && !limit.equals(TemplateReader.MEMORY)) {
                throw Sent.unsupported(path + ".limits[\"" + limit + "\"]", "is not supported");
            }
        }
        return container.getResources().getLimitsOrDefault(name, otherwise);
    }

    /** An amount as it was written; empty where it would be written so anyhow. */
    private static String written(Container container, String limit, Object amount) {
        String text = container.getResources().getLimitsOrDefault(limit, "");
        return text.equals(amount.toString()) ? "" : text;
    }

    private static String order(List<EnvVar> env) {
        List<String> names = env.stream().map(EnvVar::getName).toList();
        return names.equals(names.stream().sorted().toList())
                ? ""
                : String.join(Kept.BETWEEN_NAMES, names);
    }

    private static Map<String, String> env(String path, List<EnvVar> sent) {
        Map<String, String> env = new LinkedHashMap<>();
        for (int i = 0; i < sent.size(); i++) {
            EnvVar variable = sent.get(i);
            Sent.only(path + ".env[" + i + "]", variable, Set.of("name", "value"));
            if (env.put(variable.getName(), variable.getValue()) != null) {
                throw Sent.wrong(path + ".env[" + i + "].name", "is there twice");
            }
        }
        return env;
    }

    /** Those whose values were sent, rather than the secrets that they are. */
    private static List<EnvVar> values(List<EnvVar> sent) {
        return sent.stream().filter(variable -> !variable.hasValueSource()).toList();
    }

    private static List<SecretMount> secrets(
            com.google.cloud.run.v2.TaskTemplate task, Container container) {
        List<SecretMount> secrets =
                new ArrayList<>(
                        SecretReader.files(TASK, task.getVolumesList(), CONTAINER, container));
        for (int i = 0; i < container.getEnvCount(); i++) {
            EnvVar variable = container.getEnv(i);
            if (variable.hasValueSource()) {
                String path = CONTAINER + ".env[" + i + "]";
                Sent.only(path, variable, Set.of("name", "valueSource"));
                secrets.add(SecretReader.variable(path, variable));
            }
        }
        return secrets;
    }

    private static java.time.Duration duration(String path, Duration sent) {
        if (sent.getNanos() != 0) {
            throw Sent.wrong(path, "is not a whole number of seconds");
        }
        return java.time.Duration.ofSeconds(sent.getSeconds());
    }

    /** What one execution has otherwise. */
    static RunOverrides overrides(RunJobRequest call) {
        RunJobRequest.Overrides sent = call.getOverrides();
        if (sent.getContainerOverridesCount() > 1) {
            throw Sent.wrong("overrides.containerOverrides", "has more than the one container");
        }
        ContainerOverride container =
                sent.getContainerOverridesCount() == 0
                        ? ContainerOverride.getDefaultInstance()
                        : sent.getContainerOverrides(0);
        if (container.getClearArgs() && container.getArgsCount() > 0) {
            throw Sent.wrong("overrides.containerOverrides[0].clearArgs", "contradicts its args");
        }
        return new RunOverrides(
                container.getClearArgs() || container.getArgsCount() > 0
                        ? Optional.of(container.getArgsList())
                        : Optional.empty(),
                env("overrides.containerOverrides[0]", container.getEnvList()),
                sent.getTaskCount() == 0 ? Optional.empty() : Optional.of(sent.getTaskCount()),
                sent.hasTimeout()
                        ? Optional.of(duration("overrides.timeout", sent.getTimeout()))
                        : Optional.empty());
    }
}
