package dev.hearth.contracts;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of the admin API that is about jobs; see {@link AdminApi} for the rest.
 *
 * <pre>
 * GET    /api/v1/jobs                          JobBody[], newest first
 * POST   /api/v1/jobs                DeployJob JobBody
 * GET    /api/v1/jobs/NAME                     JobBody
 * DELETE /api/v1/jobs/NAME                     204
 * POST   /api/v1/jobs/NAME/run       RunJob    ExecutionBody, which has begun
 * GET    /api/v1/jobs/NAME/executions          ExecutionBody[], newest first
 * GET    /api/v1/jobs/NAME/logs?cursor=&amp;most=   LogPage
 * GET    /api/v1/executions/NAME               ExecutionBody
 * DELETE /api/v1/executions/NAME               204
 * POST   /api/v1/executions/NAME/cancel        ExecutionBody
 * GET    /api/v1/executions/NAME/tasks?from=&amp;most=   TaskBody[], in order
 * </pre>
 */
public final class JobApi {
    public static final String JOBS = AdminApi.BASE + "/jobs";
    public static final String EXECUTIONS = AdminApi.BASE + "/executions";

    private JobApi() {}

    /**
     * What {@code hearth jobs deploy} sends; absent fields take the CLI's defaults.
     *
     * @param secrets each {@code TARGET=NAME:VERSION}
     * @param schedule five fields of cron; absent for a job that runs only when it is told to
     * @param zone of the schedule
     */
    public record DeployJob(
            String name,
            String image,
            @Nullable List<String> command,
            @Nullable List<String> args,
            @Nullable Map<String, String> env,
            @Nullable List<String> secrets,
            @Nullable String cpu,
            @Nullable String cpuLimit,
            @Nullable String memory,
            @Nullable String egress,
            @Nullable Integer tasks,
            @Nullable Integer parallelism,
            @Nullable Integer maxRetries,
            @Nullable String timeout,
            @Nullable String schedule,
            @Nullable String zone) {}

    /** What {@code hearth jobs run} sends; absent fields are as the job has them. */
    public record RunJob(
            @Nullable List<String> args,
            @Nullable Map<String, String> env,
            @Nullable Integer tasks,
            @Nullable String timeout) {}

    /**
     * A job.
     *
     * @param parallelism 0 for as many as there is room for
     * @param executions that are kept
     * @param latest null before the first
     */
    public record JobBody(
            String name,
            String image,
            String digest,
            List<String> command,
            List<String> args,
            Map<String, String> env,
            List<String> secrets,
            String cpu,
            String cpuLimit,
            String memory,
            String egress,
            int tasks,
            int parallelism,
            int maxRetries,
            String timeout,
            @Nullable String schedule,
            @Nullable String zone,
            @Nullable String nextRun,
            int executions,
            @Nullable ExecutionBody latest,
            String createdAt,
            String updatedAt) {}

    /**
     * A run of a job.
     *
     * @param state running, cancelling, succeeded, failed or cancelled
     * @param scheduledFor null when somebody ran it
     */
    public record ExecutionBody(
            String name,
            String job,
            String state,
            String message,
            int tasks,
            int waiting,
            int running,
            int succeeded,
            int failed,
            int cancelled,
            int retried,
            String createdAt,
            @Nullable String startedAt,
            @Nullable String completedAt,
            @Nullable String scheduledFor) {}

    /**
     * A task.
     *
     * @param state waiting, running, succeeded, failed or cancelled
     * @param attempt from 0
     */
    public record TaskBody(
            int index,
            String state,
            int attempt,
            String node,
            String instance,
            @Nullable String startedAt,
            @Nullable String completedAt,
            @Nullable Integer exitCode,
            String message) {}
}
