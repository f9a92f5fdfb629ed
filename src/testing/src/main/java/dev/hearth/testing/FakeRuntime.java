package dev.hearth.testing;

import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.LogPage;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.SecretValues;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartTimings;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.Warmth;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * A runtime whose instances are whatever listens at an address. Starts stay open until the test
 * lets them succeed or fail, unless {@link #startAtOnce} was set. Safe from any thread.
 */
public final class FakeRuntime implements RuntimePort {
    private final String host;
    private final int port;
    private final Deque<Start> open = new ArrayDeque<>();
    private final List<Stopped> stops = new CopyOnWriteArrayList<>();
    private final List<RevisionName> forgotten = new CopyOnWriteArrayList<>();
    private final List<Quota> quotas = new CopyOnWriteArrayList<>();
    private final List<Consumer<InstanceExit>> listeners = new CopyOnWriteArrayList<>();
    private final Map<InstanceId, StartedInstance> running = new ConcurrentHashMap<>();
    private final List<Consumer<InstanceId>> shortageListeners = new CopyOnWriteArrayList<>();
    private final List<Move> moves = new CopyOnWriteArrayList<>();
    private final Set<InstanceId> frozen = ConcurrentHashMap.newKeySet();
    private final Map<InstanceId, CompletableFuture<Void>> openThaws = new ConcurrentHashMap<>();
    private final List<HandedOver> handedOver = new CopyOnWriteArrayList<>();
    private volatile boolean slowThaws;
    private final List<SecretValues> secrets = new CopyOnWriteArrayList<>();
    private final List<String> logLines = new ArrayList<>();
    private boolean atOnce;
    private int starts;

    /** A stop that was asked for. */
    public record Stopped(InstanceId id, StopReason reason) {}

    /** A quota that was set. */
    public record Quota(InstanceId id, Cpu quota, boolean idle) {}

    /** A rung that was asked for; IDLE for a thaw. */
    public record Move(InstanceId id, Warmth warmth) {}

    /** An instance that another gateway was to have. */
    public record HandedOver(InstanceId id, Duration paidAhead) {}

    private record Start(
            RevisionSpec revision, InstanceId id, CompletableFuture<StartedInstance> result) {}

    /** All instances are at this address. */
    public FakeRuntime(String host, int port) {
        this.host = host;
        this.port = port;
    }

    /** Lets every start succeed as soon as it is asked for. */
    public synchronized FakeRuntime startAtOnce() {
        atOnce = true;
        return this;
    }

    @Override
    public CompletionStage<StartedInstance> start(RevisionSpec revision) {
        return start(revision, SecretValues.NONE);
    }

    /** What each start was given. */
    public List<SecretValues> secrets() {
        return secrets;
    }

    @Override
    public CompletionStage<StartedInstance> start(RevisionSpec revision, SecretValues given) {
        secrets.add(given);
        CompletableFuture<StartedInstance> result = new CompletableFuture<>();
        boolean now;
        synchronized (this) {
            starts++;
            open.add(new Start(revision, InstanceId.of(starts), result));
            now = atOnce;
        }
        if (now) {
            succeed();
        }
        return result;
    }

    /** Lets the oldest open start succeed. */
    public StartedInstance succeed() {
        Start start = next();
        StartedInstance instance =
                new StartedInstance(
                        start.id,
                        start.revision.name(),
                        host,
                        port,
                        new StartTimings(
                                Instant.parse("2026-01-01T00:00:00Z"),
                                1_000_000,
                                2_000_000,
                                3_000_000,
                                4_000_000,
                                5_000_000));
        running.put(start.id, instance);
        start.result.complete(instance);
        return instance;
    }

    @Override
    public void forget(RevisionName revision) {
        forgotten.add(revision);
    }

    /** The revisions that no start will be asked of any more. */
    public List<RevisionName> forgotten() {
        return forgotten;
    }

    /** An instance that runs although nobody of this run asked for it. */
    public InstanceId left(RevisionSpec revision) {
        InstanceId id = InstanceId.of((1L << 40) + running.size());
        running.put(
                id,
                new StartedInstance(
                        id,
                        revision.name(),
                        host,
                        port,
                        new StartTimings(Instant.EPOCH, 0, 0, 0, 0, 0)));
        return id;
    }

    /** Lets the oldest open start fail. */
    public void fail(HearthException why) {
        next().result.completeExceptionally(why);
    }

    private synchronized Start next() {
        Start start = open.poll();
        if (start == null) {
            throw new IllegalStateException("no start is open");
        }
        return start;
    }

    /** How many starts were ever asked for. */
    public synchronized int starts() {
        return starts;
    }

    /** How many starts have neither succeeded nor failed. */
    public synchronized int openStarts() {
        return open.size();
    }

    @Override
    public CompletionStage<Void> stop(InstanceId instance, StopReason reason) {
        stops.add(new Stopped(instance, reason));
        exit(instance, new ExitCause.Stopped(reason));
        return CompletableFuture.completedFuture(null);
    }

    /** As a stop, and remembers it: others are told by the test. */
    @Override
    public CompletionStage<Void> handOver(InstanceId instance, Duration paidAhead) {
        handedOver.add(new HandedOver(instance, paidAhead));
        return stop(instance, StopReason.MOVED);
    }

    /** What was handed over, in order. */
    public List<HandedOver> handedOver() {
        return List.copyOf(handedOver);
    }

    /** An instance ends. */
    public void exit(InstanceId id, ExitCause cause) {
        StartedInstance instance = running.remove(id);
        if (instance != null) {
            InstanceExit exit = new InstanceExit(id, instance.revision(), cause, Instant.EPOCH);
            listeners.forEach(l -> l.accept(exit));
        }
    }

    public List<Stopped> stops() {
        return List.copyOf(stops);
    }

    public List<Quota> quotas() {
        return List.copyOf(quotas);
    }

    @Override
    public void setCpu(InstanceId instance, Cpu quota, boolean idle) {
        quotas.add(new Quota(instance, quota, idle));
    }

    @Override
    public void freeze(InstanceId instance, Warmth warmth) {
        moves.add(new Move(instance, warmth));
        frozen.add(instance);
    }

    @Override
    public CompletionStage<Void> thaw(InstanceId instance) {
        moves.add(new Move(instance, Warmth.IDLE));
        frozen.remove(instance);
        return slowThaws
                ? openThaws.computeIfAbsent(instance, i -> new CompletableFuture<>())
                : CompletableFuture.completedFuture(null);
    }

    /** From now on a thaw goes on until {@link #thawed}. */
    public void thawSlowly() {
        slowThaws = true;
    }

    /** A thaw under way is over. */
    public void thawed(InstanceId instance) {
        openThaw(instance).complete(null);
    }

    /** A thaw under way fails. */
    public void notThawed(InstanceId instance, HearthException why) {
        openThaw(instance).completeExceptionally(why);
    }

    private CompletableFuture<Void> openThaw(InstanceId instance) {
        CompletableFuture<Void> open = openThaws.remove(instance);
        if (open == null) {
            throw new IllegalStateException("no thaw of " + instance + " is open");
        }
        return open;
    }

    /** Whether the newest word about it was to stand. */
    public boolean isFrozen(InstanceId instance) {
        return frozen.contains(instance);
    }

    /** What was asked for on the warm ladder, in order. */
    public List<Move> moves() {
        return List.copyOf(moves);
    }

    @Override
    public List<InstanceView> instances() {
        return running.values().stream()
                .map(
                        i ->
                                new InstanceView(
                                        i.id(),
                                        i.revision(),
                                        serviceOf(i.revision()),
                                        frozen.contains(i.id()) ? "frozen" : "ready",
                                        i.host(),
                                        i.port(),
                                        1,
                                        Instant.EPOCH,
                                        1000,
                                        4096,
                                        ""))
                .toList();
    }

    private static ServiceName serviceOf(RevisionName revision) {
        return new ServiceName(revision.value().replaceFirst("-\\d{5}-.*", ""));
    }

    @Override
    public void onExit(Consumer<InstanceExit> listener) {
        listeners.add(listener);
    }

    @Override
    public void onShortage(Consumer<InstanceId> listener) {
        shortageListeners.add(listener);
    }

    /** The node would have an instance stopped, for want of memory. */
    public void shortage(InstanceId id) {
        shortageListeners.forEach(l -> l.accept(id));
    }

    /** What {@link #logs} tells. */
    public synchronized void log(String line) {
        logLines.add(line);
    }

    @Override
    public synchronized LogPage logs(ServiceName service, String cursor, int most) {
        return new LogPage(
                logLines.stream()
                        .map(l -> new LogPage.Line("hello-00001-abc", "i-aaaaaaaaaaaa", l))
                        .toList(),
                "v1");
    }
}
