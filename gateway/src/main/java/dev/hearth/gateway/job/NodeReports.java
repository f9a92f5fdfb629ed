package dev.hearth.gateway.job;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.TaskPort;
import dev.hearth.contracts.TaskPort.Report;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What the nodes say of their tasks, and how long those that say nothing have been silent. */
final class NodeReports {
    private final TaskPort tasks;
    private final Clock clock;

    /** When a node that does not answer was first found silent, by the clock. */
    private final Map<String, Long> silentSince = new HashMap<>();

    private Map<String, Map<RevisionName, Report>> byNode = Map.of();

    NodeReports(TaskPort tasks, Clock clock) {
        this.tasks = tasks;
        this.clock = clock;
    }

    /** Asks all nodes; blocks for some seconds at most. */
    void look() {
        Map<String, CompletableFuture<List<Report>>> asked = new HashMap<>();
        for (String node : tasks.nodes()) {
            asked.put(node, tasks.reports(node).toCompletableFuture());
        }
        Map<String, Map<RevisionName, Report>> answers = new HashMap<>();
        asked.forEach(
                (node, answer) -> {
                    try {
                        Map<RevisionName, Report> known = new HashMap<>();
                        Waits.of(answer).forEach(r -> known.put(r.attempt(), r));
                        answers.put(node, known);
                    } catch (HearthException away) {
                        // it is silent, as one that is not among the nodes
                    }
                });
        byNode = answers;
        silentSince.keySet().removeAll(answers.keySet());
    }

    /** What a node said; empty when it does not answer. */
    Optional<Map<RevisionName, Report>> of(String node) {
        return Optional.ofNullable(byNode.get(node));
    }

    /** Nodes that answered. */
    List<String> nodes() {
        return new ArrayList<>(byNode.keySet());
    }

    /** For how long a node that does not answer has been asked. */
    Duration silence(String node) {
        long now = clock.nanos();
        return Duration.ofNanos(now - silentSince.computeIfAbsent(node, n -> now));
    }
}
