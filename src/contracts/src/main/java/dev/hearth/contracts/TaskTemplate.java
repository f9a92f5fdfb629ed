package dev.hearth.contracts;

import java.time.Duration;
import java.util.Set;

/**
 * What an execution runs: so many tasks of one container, each until it ends by itself.
 *
 * @param image the reference as it was deployed, for people; {@code digest} is what runs
 * @param container one that runs to its end
 * @param tasks in an execution
 * @param parallelism of them at a time; 0 for as many as there is room for
 * @param maxRetries how often a task that failed is tried again
 * @param timeout of an attempt
 * @param metadata of executions
 */
public record TaskTemplate(
        String image,
        Digest digest,
        ContainerSpec container,
        Resources resources,
        Egress egress,
        int tasks,
        int parallelism,
        int maxRetries,
        Duration timeout,
        Metadata metadata) {
    /** As many as Cloud Run allows, and as a name has room for. */
    public static final int MOST_TASKS = 10_000;

    public static final int MOST_RETRIES = 10;
    public static final int DEFAULT_RETRIES = 3;
    public static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(10);
    public static final Duration LONGEST_TIMEOUT = Duration.ofHours(24);

    /** Names that the platform sets itself for tasks, beside those of every container. */
    public static final Set<String> RESERVED_ENV =
            Set.of(
                    "CLOUD_RUN_JOB",
                    "CLOUD_RUN_EXECUTION",
                    "CLOUD_RUN_TASK_INDEX",
                    "CLOUD_RUN_TASK_ATTEMPT",
                    "CLOUD_RUN_TASK_COUNT");

    /** Throws INVALID with the field named when something cannot be. */
    public TaskTemplate {
        if (image.isBlank() || image.length() > 4096) {
            throw HearthException.invalid("invalid-image", "no image was named; say --image REF");
        }
        if (!container.runsToEnd()) {
            throw HearthException.invalid(
                    "invalid-port", "a task does not listen; leave the port out");
        }
        container.env().keySet().forEach(TaskTemplate::requireFree);
        container.secrets().forEach(secret -> requireFree(secret.target()));
        between("tasks", tasks, 1, MOST_TASKS);
        between("parallelism", parallelism, 0, MOST_TASKS);
        between("retries", maxRetries, 0, MOST_RETRIES);
        if (timeout.compareTo(Duration.ofSeconds(1)) < 0
                || timeout.compareTo(LONGEST_TIMEOUT) > 0) {
            throw HearthException.invalid(
                    "invalid-timeout",
                    "a task's timeout of "
                            + Durations.format(timeout)
                            + " is not between 1s and "
                            + Durations.format(LONGEST_TIMEOUT));
        }
    }

    private static void requireFree(String name) {
        if (RESERVED_ENV.contains(name)) {
            throw HearthException.invalid(
                    "reserved-env",
                    "environment name " + name + " is set by the platform; choose another");
        }
    }

    private static void between(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw HearthException.invalid(
                    "invalid-" + what,
                    what + " of " + value + " is not between " + least + " and " + most);
        }
    }

    /** The same image, found anew. */
    public TaskTemplate of(Digest found) {
        return new TaskTemplate(
                image,
                found,
                container,
                resources,
                egress,
                tasks,
                parallelism,
                maxRetries,
                timeout,
                metadata);
    }

    /** The same with another container, number of tasks and timeout. */
    public TaskTemplate with(ContainerSpec other, int count, Duration longest) {
        return new TaskTemplate(
                image,
                digest,
                other,
                resources,
                egress,
                count,
                parallelism,
                maxRetries,
                longest,
                metadata);
    }
}
