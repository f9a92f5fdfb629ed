package dev.hearth.gateway.admin;

import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Durations;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.Execution;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Job;
import dev.hearth.contracts.JobApi.DeployJob;
import dev.hearth.contracts.JobApi.ExecutionBody;
import dev.hearth.contracts.JobApi.JobBody;
import dev.hearth.contracts.JobApi.RunJob;
import dev.hearth.contracts.JobApi.TaskBody;
import dev.hearth.contracts.JobCondition;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.JobRequest;
import dev.hearth.contracts.Metadata;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RunOverrides;
import dev.hearth.contracts.Schedule;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.Task;
import dev.hearth.contracts.TaskTemplate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Jobs' bodies as values, with the documented defaults, and values as bodies. */
final class JobBodies {
    private JobBodies() {}

    static JobRequest request(DeployJob body) {
        String cpu = or(body.cpu(), "1");
        return new JobRequest(
                new JobName(required(body.name(), "name")),
                Metadata.NONE,
                new TaskTemplate(
                        required(body.image(), "image"),
                        JobRequest.NOT_FOUND_YET,
                        ContainerSpec.toEnd(
                                or(body.command(), List.of()),
                                or(body.args(), List.of()),
                                or(body.env(), Map.of()),
                                or(body.secrets(), List.<String>of()).stream()
                                        .map(SecretMount::parse)
                                        .toList()),
                        new Resources(
                                Cpu.parse(cpu),
                                Cpu.parse(or(body.cpuLimit(), cpu)),
                                DataSize.parse(or(body.memory(), "512Mi"))),
                        body.egress() == null ? Egress.DEFAULT : Egress.parse(body.egress()),
                        or(body.tasks(), 1),
                        or(body.parallelism(), 0),
                        or(body.maxRetries(), TaskTemplate.DEFAULT_RETRIES),
                        body.timeout() == null
                                ? TaskTemplate.DEFAULT_TIMEOUT
                                : Durations.parse(body.timeout()),
                        Metadata.NONE),
                schedule(or(body.schedule(), ""), or(body.zone(), "")),
                JobCondition.ANY);
    }

    private static Optional<Schedule> schedule(String cron, String zone) {
        if (cron.isEmpty() && !zone.isEmpty()) {
            throw HearthException.invalid(
                    "missing-schedule", "a time zone without a schedule says nothing; give both");
        }
        return cron.isEmpty() ? Optional.empty() : Optional.of(Schedule.parse(cron, zone));
    }

    static RunOverrides overrides(RunJob body) {
        return new RunOverrides(
                Optional.ofNullable(body.args()),
                or(body.env(), Map.of()),
                Optional.ofNullable(body.tasks()),
                Optional.ofNullable(body.timeout()).map(Durations::parse));
    }

    private static <T> T or(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }

    /** JSON may leave out what the record's type says is there. */
    private static String required(@Nullable String value, String field) {
        if (value == null) {
            throw HearthException.invalid(
                    "missing-field", "the field \"" + field + "\" is missing");
        }
        return value;
    }

    static JobBody job(Job j) {
        TaskTemplate t = j.template();
        return new JobBody(
                j.name().value(),
                t.image(),
                t.digest().value(),
                t.container().command(),
                t.container().args(),
                t.container().env(),
                t.container().secrets().stream().map(SecretMount::toString).toList(),
                t.resources().cpu().toString(),
                t.resources().cpuLimit().toString(),
                t.resources().memory().toString(),
                t.egress().toString(),
                t.tasks(),
                t.parallelism(),
                t.maxRetries(),
                Durations.format(t.timeout()),
                j.schedule().map(s -> s.cron().toString()).orElse(null),
                j.schedule().map(s -> s.zone().getId()).orElse(null),
                text(j.nextRun()),
                j.executions(),
                j.latest().map(JobBodies::execution).orElse(null),
                j.createdAt().toString(),
                j.updatedAt().toString());
    }

    static ExecutionBody execution(Execution e) {
        Execution.Counts c = e.counts();
        return new ExecutionBody(
                e.name().value(),
                e.job().value(),
                e.state().word(),
                e.message(),
                e.template().tasks(),
                c.waiting(),
                c.running(),
                c.succeeded(),
                c.failed(),
                c.cancelled(),
                c.retried(),
                e.createdAt().toString(),
                text(e.startedAt()),
                text(e.completedAt()),
                text(e.scheduledFor()));
    }

    static TaskBody task(Task t) {
        return new TaskBody(
                t.index(),
                t.state().word(),
                t.attempt(),
                t.node(),
                t.instance(),
                text(t.startedAt()),
                text(t.completedAt()),
                t.exitCode().orElse(null),
                t.message());
    }

    private static @Nullable String text(Optional<Instant> at) {
        return at.map(Instant::toString).orElse(null);
    }
}
