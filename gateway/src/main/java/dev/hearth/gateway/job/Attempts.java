package dev.hearth.gateway.job;

import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Execution;
import dev.hearth.contracts.ExecutionName;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.RequestPolicy;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.Task;
import dev.hearth.contracts.TaskTemplate;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a node is given to run for a task, and whose it is by its name. */
final class Attempts {
    private static final Pattern NAME = Pattern.compile("((.+)-[a-z0-9]+)-\\d+-\\d+");

    /** Nothing of these counts for what takes no requests. */
    private static final Scaling ONE = new Scaling(1, 0, 1, Duration.ofSeconds(60));

    private static final RequestPolicy NO_REQUESTS = RequestPolicy.within(Duration.ofSeconds(60));

    private Attempts() {}

    /**
     * Whose an attempt is.
     *
     * @param execution that it belongs to
     */
    record Owner(JobName job, ExecutionName execution) {}

    /** Whose an attempt of this name is; empty for a name that is none. */
    static Optional<Owner> owner(RevisionName attempt) {
        Matcher m = NAME.matcher(attempt.label());
        return m.matches()
                ? Optional.of(
                        new Owner(
                                JobName.of(attempt.project(), m.group(2)),
                                ExecutionName.of(attempt.project(), m.group(1))))
                : Optional.empty();
    }

    /** The attempt that a task is at. */
    static RevisionSpec of(Execution execution, Task task) {
        TaskTemplate template = execution.template();
        Map<String, String> env = new HashMap<>(template.container().env());
        env.put("CLOUD_RUN_JOB", execution.job().label());
        env.put("CLOUD_RUN_EXECUTION", execution.name().label());
        env.put("CLOUD_RUN_TASK_INDEX", Integer.toString(task.index()));
        env.put("CLOUD_RUN_TASK_ATTEMPT", Integer.toString(task.attempt()));
        env.put("CLOUD_RUN_TASK_COUNT", Integer.toString(template.tasks()));
        return new RevisionSpec(
                task.attemptName(),
                execution.job().asService(),
                template.image(),
                template.digest(),
                ContainerSpec.toEnd(
                        template.container().command(),
                        template.container().args(),
                        env,
                        template.container().secrets()),
                template.resources(),
                ONE,
                template.egress(),
                NO_REQUESTS,
                execution.createdAt());
    }
}
