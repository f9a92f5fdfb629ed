package dev.hearth.runtime.app;

import dev.hearth.contracts.JobName;
import dev.hearth.contracts.LogPage;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.SecretValues;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.TaskPort;
import dev.hearth.runtime.task.Tasks;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The tasks of this node, which is the only one there is. */
public final class TaskAgent implements TaskPort {
    /** The only node's name. */
    public static final String HERE = "";

    private final NodeAgent agent;

    TaskAgent(NodeAgent agent) {
        this.agent = agent;
    }

    @Override
    public List<String> nodes() {
        return List.of(HERE);
    }

    @Override
    public Optional<String> place(RevisionSpec attempt) {
        return agent.hasRoom(attempt) ? Optional.of(HERE) : Optional.empty();
    }

    @Override
    public CompletionStage<Void> run(String node, RevisionSpec attempt, SecretValues secrets) {
        return agent.starting(tasks -> tasks.run(attempt, secrets));
    }

    @Override
    public CompletionStage<Void> stop(String node, RevisionName attempt, StopReason reason) {
        return agent.withTasks(
                        tasks -> {
                            tasks.stop(attempt, reason);
                            return true;
                        })
                .thenAccept(stopped -> {});
    }

    @Override
    public CompletionStage<List<Report>> reports(String node) {
        return agent.withTasks(Tasks::reports);
    }

    @Override
    public CompletionStage<Void> forget(String node, RevisionName attempt) {
        return agent.withTasks(
                        tasks -> {
                            tasks.forget(attempt);
                            return true;
                        })
                .thenAccept(forgotten -> {});
    }

    @Override
    public void onEnd(Runnable listener) {
        agent.onTaskEnd(attempt -> listener.run());
    }

    @Override
    public LogPage logs(JobName job, String cursor, int most) {
        return agent.logs(job.asService(), cursor, most);
    }
}
