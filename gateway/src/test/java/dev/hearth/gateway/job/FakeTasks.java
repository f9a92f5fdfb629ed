package dev.hearth.gateway.job;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.LogPage;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.SecretValues;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.TaskPort;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Nodes that run what they are told to, as the real ones do: each attempt once. */
public final class FakeTasks implements TaskPort {
    /** Every attempt that ever began, in order. */
    final List<RevisionSpec> began = new ArrayList<>();

    /** What each was told in confidence. */
    final Map<RevisionName, SecretValues> told = new LinkedHashMap<>();

    final List<StopReason> stopReasons = new ArrayList<>();
    final Set<String> silent = new HashSet<>();

    /** Tasks at a time on each node. */
    int room = 1000;

    /** What the next run fails with, after it has begun when that is on the way. */
    Optional<HearthException> failure = Optional.empty();

    private final Map<String, Map<RevisionName, Report>> nodes = new LinkedHashMap<>();
    private final Clock clock;

    public FakeTasks(Clock clock, String... names) {
        this.clock = clock;
        for (String name : names) {
            nodes.put(name, new LinkedHashMap<>());
        }
    }

    @Override
    public List<String> nodes() {
        return nodes.keySet().stream().filter(n -> !silent.contains(n)).toList();
    }

    @Override
    public Optional<String> place(RevisionSpec attempt) {
        return nodes().stream().filter(n -> running(n) < room).findFirst();
    }

    private long running(String node) {
        return nodes.get(node).values().stream().filter(r -> r.ending().isEmpty()).count();
    }

    /** Attempts that run now. */
    List<RevisionName> running() {
        return nodes.values().stream()
                .flatMap(n -> n.values().stream())
                .filter(r -> r.ending().isEmpty())
                .map(Report::attempt)
                .toList();
    }

    /** All that nodes have not been told to forget. */
    List<Report> known() {
        return nodes.values().stream().flatMap(n -> n.values().stream()).toList();
    }

    private static HearthException away() {
        return new HearthException(ErrorKind.UNAVAILABLE, "node-away", "it does not answer");
    }

    @Override
    public CompletionStage<Void> run(String node, RevisionSpec attempt, SecretValues secrets) {
        if (silent.contains(node)) {
            return CompletableFuture.failedFuture(away());
        }
        if (failure.isPresent() && !failure.get().reason().equals("node-unreachable")) {
            return CompletableFuture.failedFuture(failure.get());
        }
        if (!nodes.get(node).containsKey(attempt.name())) {
            began.add(attempt);
            told.put(attempt.name(), secrets);
            nodes.get(node)
                    .put(
                            attempt.name(),
                            new Report(
                                    attempt.name(),
                                    Optional.of(InstanceId.of(began.size())),
                                    attempt.resources().cpu().millis(),
                                    attempt.resources().memory().bytes(),
                                    clock.now(),
                                    0,
                                    Optional.empty()));
        }
        return failure.isPresent()
                ? CompletableFuture.failedFuture(failure.get())
                : CompletableFuture.completedFuture(null);
    }

    /** It ends so. */
    void end(RevisionName attempt, ExitCause cause) {
        nodes.values()
                .forEach(
                        n ->
                                n.computeIfPresent(
                                        attempt,
                                        (name, r) -> r.ending().isPresent() ? r : ended(r, cause)));
    }

    private Report ended(Report r, ExitCause cause) {
        return new Report(
                r.attempt(),
                r.instance(),
                r.cpuMillis(),
                r.memoryBytes(),
                r.begunAt(),
                ran(r),
                Optional.of(new Ending(cause, clock.now())));
    }

    private long ran(Report r) {
        Instant end = r.ending().map(Ending::at).orElse(clock.now());
        return Duration.between(r.begunAt(), end).toMillis();
    }

    @Override
    public CompletionStage<Void> stop(String node, RevisionName attempt, StopReason reason) {
        if (silent.contains(node)) {
            return CompletableFuture.failedFuture(away());
        }
        stopReasons.add(reason);
        end(attempt, new ExitCause.Stopped(reason));
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<List<Report>> reports(String node) {
        return silent.contains(node)
                ? CompletableFuture.failedFuture(away())
                : CompletableFuture.completedFuture(
                        nodes.get(node).values().stream()
                                .map(
                                        r ->
                                                new Report(
                                                        r.attempt(),
                                                        r.instance(),
                                                        r.cpuMillis(),
                                                        r.memoryBytes(),
                                                        r.begunAt(),
                                                        ran(r),
                                                        r.ending()))
                                .toList());
    }

    @Override
    public CompletionStage<Void> forget(String node, RevisionName attempt) {
        if (!silent.contains(node)) {
            nodes.get(node).remove(attempt);
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void onEnd(Runnable listener) {}

    @Override
    public LogPage logs(JobName job, String cursor, int most) {
        return new LogPage(List.of(), "");
    }
}
