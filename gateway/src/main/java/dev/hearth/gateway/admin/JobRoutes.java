package dev.hearth.gateway.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.hearth.contracts.ExecutionName;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.JobApi;
import dev.hearth.contracts.JobCondition;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.JobPort;
import dev.hearth.contracts.TaskPort;
import dev.hearth.contracts.TaskTemplate;
import dev.hearth.gateway.access.Access;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Jobs in the admin API; paths and bodies are those of {@link JobApi}. */
public final class JobRoutes {
    private static final long MOST_BODY_BYTES = 1 << 20;
    private static final int LOG_LINES = 200;
    private static final int TASKS = 1000;
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private final JobPort jobs;
    private final TaskPort tasks;
    private final Executor blocking;

    /**
     * @param blocking runs what reads the disk
     */
    public JobRoutes(JobPort jobs, TaskPort tasks, Executor blocking) {
        this.jobs = jobs;
        this.tasks = tasks;
        this.blocking = blocking;
    }

    /** Adds the calls to the admin port's router, behind its check of the token. */
    void register(Router router) {
        BodyHandler body = BodyHandler.create(false).setBodyLimit(MOST_BODY_BYTES);
        String job = JobApi.JOBS + "/:name";
        String execution = JobApi.EXECUTIONS + "/:name";
        router.post(JobApi.JOBS).handler(body);
        router.post(job + "/run").handler(body);
        router.get(JobApi.JOBS)
                .handler(
                        c ->
                                Replies.reply(
                                        c,
                                        () ->
                                                jobs(c).jobs()
                                                        .thenApply(
                                                                all ->
                                                                        all.stream()
                                                                                .map(JobBodies::job)
                                                                                .toList())));
        router.post(JobApi.JOBS).handler(c -> Replies.reply(c, () -> deploy(c)));
        router.get(job)
                .handler(
                        c -> Replies.reply(c, () -> jobs(c).job(job(c)).thenApply(JobBodies::job)));
        router.delete(job)
                .handler(c -> Replies.reply(c, () -> jobs(c).delete(job(c), JobCondition.ANY)));
        router.post(job + "/run").handler(c -> Replies.reply(c, () -> run(c)));
        router.get(job + "/executions").handler(c -> Replies.reply(c, () -> executions(c)));
        router.get(job + "/logs").handler(c -> Replies.reply(c, () -> logs(c)));
        router.get(execution)
                .handler(
                        c ->
                                Replies.reply(
                                        c,
                                        () ->
                                                jobs(c).execution(execution(c))
                                                        .thenApply(JobBodies::execution)));
        router.delete(execution).handler(c -> Replies.reply(c, () -> jobs(c).delete(execution(c))));
        router.post(execution + "/cancel")
                .handler(
                        c ->
                                Replies.reply(
                                        c,
                                        () ->
                                                jobs(c).cancel(execution(c))
                                                        .thenApply(JobBodies::execution)));
        router.get(execution + "/tasks").handler(c -> Replies.reply(c, () -> tasksOf(c)));
    }

    /** As the one who calls. */
    private JobPort jobs(RoutingContext c) {
        return jobs.as(Access.caller(c));
    }

    private CompletionStage<?> deploy(RoutingContext c) {
        JobApi.DeployJob body = parse(c, JobApi.DeployJob.class);
        return jobs(c).deploy(JobBodies.request(body)).thenApply(JobBodies::job);
    }

    private CompletionStage<?> run(RoutingContext c) {
        JobApi.RunJob body = parse(c, JobApi.RunJob.class);
        return jobs(c).run(job(c), JobBodies.overrides(body), JobCondition.ANY)
                .thenApply(JobBodies::execution);
    }

    private CompletionStage<?> executions(RoutingContext c) {
        return jobs(c).executions(job(c))
                .thenApply(all -> all.stream().map(JobBodies::execution).toList());
    }

    private CompletionStage<?> tasksOf(RoutingContext c) {
        int from = number(c, "from", 0, TaskTemplate.MOST_TASKS);
        int most = number(c, "most", TASKS, TASKS);
        return jobs(c).tasks(execution(c), from, Math.max(1, most))
                .thenApply(all -> all.stream().map(JobBodies::task).toList());
    }

    private CompletionStage<?> logs(RoutingContext c) {
        JobName name = job(c);
        String cursor = c.request().getParam("cursor", "");
        int most = number(c, "most", LOG_LINES, 10_000);
        JobName whole = JobName.of(Access.caller(c).project(), name.value());
        return jobs(c).job(name).thenApplyAsync(known -> tasks.logs(whole, cursor, most), blocking);
    }

    private static int number(RoutingContext c, String name, int otherwise, int most) {
        String text = c.request().getParam(name, Integer.toString(otherwise));
        if (!text.matches("\\d{1,9}")) {
            throw HearthException.invalid(
                    "invalid-number", name + "=\"" + text + "\" is not a number");
        }
        return Math.min(Integer.parseInt(text), most);
    }

    private static <T> T parse(RoutingContext c, Class<T> type) {
        try {
            String text = c.body().buffer() == null ? "" : c.body().asString();
            @Nullable T body = JSON.readValue(text.isEmpty() ? "{}" : text, type);
            if (body != null) {
                return body;
            }
        } catch (UnrecognizedPropertyException e) {
            throw HearthException.invalid(
                    "unknown-field", "the field \"" + e.getPropertyName() + "\" is not known");
        } catch (JsonProcessingException e) {
            throw HearthException.invalid(
                    "invalid-json",
                    "the body is not the JSON that is expected: " + e.getOriginalMessage());
        }
        throw HearthException.invalid("invalid-json", "the body is null");
    }

    private static JobName job(RoutingContext c) {
        return new JobName(c.pathParam("name"));
    }

    private static ExecutionName execution(RoutingContext c) {
        return new ExecutionName(c.pathParam("name"));
    }
}
