package dev.hearth.gateway.app;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.JobPort;
import dev.hearth.contracts.JobQueuePort;
import dev.hearth.contracts.SecretPort;
import dev.hearth.contracts.TaskPort;
import dev.hearth.gateway.job.JobRunner;
import dev.hearth.gateway.job.PromptJobs;
import dev.hearth.gateway.usage.UsageLog;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What runs jobs, and the port that tells it when there is something to run. */
@Singleton
class JobBeans {
    private final JobRunner runner;
    private final JobPort jobs;
    private final TaskPort tasks;

    /**
     * @param me this gateway, unlike others
     */
    @Inject
    JobBeans(
            JobPort catalog,
            JobQueuePort queue,
            TaskPort tasks,
            SecretPort secrets,
            GatewayRoom.Parts parts,
            @ConfigProperty(name = "hearth.gateway.id", defaultValue = "the-only-one") String me) {
        UsageLog usage = parts.usage();
        this.tasks = tasks;
        this.runner =
                new JobRunner(
                        queue,
                        tasks,
                        secrets::values,
                        record -> {
                            try {
                                usage.record(record);
                            } catch (IOException e) {
                                throw new HearthException(
                                        ErrorKind.UNAVAILABLE,
                                        "usage-unwritable",
                                        "usage cannot be written down: " + e.getMessage(),
                                        e);
                            }
                        },
                        parts.gate(),
                        me,
                        Clock.system());
        this.jobs = new PromptJobs(catalog, runner::wake);
    }

    JobRunner runner() {
        return runner;
    }

    JobPort jobs() {
        return jobs;
    }

    TaskPort tasks() {
        return tasks;
    }
}
