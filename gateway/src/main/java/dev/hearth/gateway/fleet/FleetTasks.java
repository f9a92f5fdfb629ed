package dev.hearth.gateway.fleet;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.LogPage;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.SecretValues;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.TaskPort;
import dev.hearth.nodeapi.Failures;
import dev.hearth.nodeapi.Messages;
import dev.hearth.nodeapi.v1.ForgetTaskRequest;
import dev.hearth.nodeapi.v1.RunTaskRequest;
import dev.hearth.nodeapi.v1.StopTaskRequest;
import dev.hearth.nodeapi.v1.TasksReply;
import dev.hearth.nodeapi.v1.TasksRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Tasks on many nodes. A node that has no room says so when it is asked to run one, and is left
 * alone until a task of its own ends, or for a moment.
 */
public final class FleetTasks implements TaskPort {
    /** A pull's ten minutes, and time to start what was pulled. */
    private static final int RUN_SECONDS = 700;

    private static final int STOP_SECONDS = 60;
    private static final int CALL_SECONDS = 5;

    /** How long a node that was full is passed over: services may have left it meanwhile. */
    private static final Duration FULL = Duration.ofSeconds(2);

    private final Nodes nodes;
    private final Fleet fleet;
    private final Clock clock;
    private final TaskSpread spread = new TaskSpread();

    /** Nodes that had no room, and when, by the clock. */
    private final Map<NodeLink, Long> full = new ConcurrentHashMap<>();

    public FleetTasks(Nodes nodes, Fleet fleet, Clock clock) {
        this.nodes = nodes;
        this.fleet = fleet;
        this.clock = clock;
        fleet.onTaskEnd(full::remove);
    }

    @Override
    public List<String> nodes() {
        return nodes.alive().stream().map(NodeLink::name).toList();
    }

    @Override
    public Optional<String> place(RevisionSpec attempt) {
        full.values().removeIf(since -> clock.nanos() - since > FULL.toNanos());
        Set<NodeLink> passedOver = full.keySet().stream().collect(Collectors.toSet());
        Map<String, Integer> others = spread.of(attempt.service());
        Optional<String> node =
                nodes.place(attempt, passedOver, link -> others.getOrDefault(link.name(), 0))
                        .map(NodeLink::name);
        node.ifPresent(name -> spread.placed(attempt, name));
        return node;
    }

    @Override
    public CompletionStage<Void> run(String node, RevisionSpec attempt, SecretValues secrets) {
        RunTaskRequest request =
                RunTaskRequest.newBuilder()
                        .setRevision(Messages.of(attempt))
                        .addAllSecrets(Messages.of(secrets))
                        .build();
        return ask(node, link -> Calls.call(link.calls(RUN_SECONDS)::runTask, request))
                .whenComplete(
                        (begun, failure) -> {
                            if (failure != null) {
                                spread.over(attempt.name());
                                noteIfFull(node, failure);
                            }
                        })
                .thenAccept(begun -> {});
    }

    private void noteIfFull(String node, Throwable failure) {
        if (HearthException.from(failure).kind() == ErrorKind.EXHAUSTED) {
            nodes.byName(node).ifPresent(link -> full.put(link, clock.nanos()));
        }
    }

    @Override
    public CompletionStage<Void> stop(String node, RevisionName attempt, StopReason reason) {
        StopTaskRequest request =
                StopTaskRequest.newBuilder()
                        .setAttempt(attempt.value())
                        .setReason(reason.name())
                        .build();
        return ask(node, link -> Calls.call(link.calls(STOP_SECONDS)::stopTask, request))
                .thenAccept(stopped -> {});
    }

    @Override
    public CompletionStage<List<Report>> reports(String node) {
        return ask(
                        node,
                        link ->
                                Calls.<TasksRequest, TasksReply>call(
                                        link.calls(CALL_SECONDS)::tasks,
                                        TasksRequest.getDefaultInstance()))
                .thenApply(reply -> reply.getTasksList().stream().map(Messages::report).toList());
    }

    @Override
    public CompletionStage<Void> forget(String node, RevisionName attempt) {
        spread.over(attempt);
        ForgetTaskRequest request =
                ForgetTaskRequest.newBuilder().setAttempt(attempt.value()).build();
        return ask(node, link -> Calls.call(link.calls(CALL_SECONDS)::forgetTask, request))
                .thenAccept(forgotten -> {});
    }

    private <R> CompletableFuture<R> ask(
            String node, Function<NodeLink, CompletableFuture<R>> call) {
        Optional<NodeLink> link = nodes.byName(node);
        if (link.isEmpty()) {
            return CompletableFuture.failedFuture(
                    new HearthException(
                            ErrorKind.UNAVAILABLE,
                            "node-away",
                            "node " + node + " does not answer"));
        }
        return call.apply(link.get())
                .exceptionallyCompose(
                        failure -> CompletableFuture.failedFuture(Failures.from(failure, node)));
    }

    @Override
    public void onEnd(Runnable listener) {
        fleet.onTaskEnd(node -> listener.run());
    }

    @Override
    public LogPage logs(JobName job, String cursor, int most) {
        return fleet.logs(job.asService(), cursor, most);
    }
}
