package dev.hearth.runtime.instance;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.Durations;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceReport;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.Probe;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.SecretValues;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartTimings;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.Warmth;
import dev.hearth.runtime.launcher.Launcher;
import dev.hearth.runtime.launcher.LauncherFailure;
import dev.hearth.runtime.launcher.LauncherSupervisor;
import dev.hearth.runtime.log.InstanceLogs;
import dev.hearth.runtime.note.InstanceNote;
import dev.hearth.runtime.posix.TcpProbe;
import dev.hearth.runtime.probe.Attempt;
import dev.hearth.runtime.probe.Attempts;
import dev.hearth.runtime.slot.LoadedSlots;
import dev.hearth.runtime.slot.Slot;
import dev.hearth.runtime.slot.SlotMaker;
import dev.hearth.runtime.slot.SlotPool;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All instances of this node: starts them, throttles them, stops them, and sees to it that whatever
 * ends, however it ends, leaves nothing but its log. Blocking; for virtual threads.
 */
public final class Instances {
    private static final int SIGKILL = 9;
    private static final int SIGTERM = 15;
    private static final int KILL_SECONDS = 10;
    private static final int LOG_LINES_SHOWN = 20;

    private final LauncherSupervisor launcher;
    private final SlotMaker maker;
    private final SlotPool parked;
    private final LoadedSlots loaded;
    private final Launches launches;
    private final InstanceLogs logs;
    private final InstanceLimits limits;
    private final Clock clock;
    private final Consumer<InstanceExit> onExit;
    private final Consumer<InstanceExit> onTaskEnd;
    private final Reports reports;
    private final int coresMillis = 1000 * Runtime.getRuntime().availableProcessors();
    private final Object grants = new Object();
    private final GreedyDual greedyDual = new GreedyDual();

    /** Instances that ask for more than they were deployed with; guarded by {@code grants}. */
    private int greedy;

    private final ConcurrentHashMap<InstanceId, Instance> byId = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Integer, Instance> bySlot = new ConcurrentHashMap<>();
    private final Launches.Register register =
            new Launches.Register() {
                @Override
                public Instance enter(RevisionSpec revision, Slot slot, Path log) {
                    Instance instance = new Instance(slot.id(), revision, slot, log, clock.now());
                    byId.put(instance.id(), instance);
                    bySlot.put(slot.number(), instance);
                    return instance;
                }

                @Override
                public void failed(Instance instance) {
                    stop(instance, StopReason.START_FAILED, Duration.ZERO);
                }
            };

    /**
     * @param onExit told of every end of an instance that had been ready
     * @param onTaskEnd told of every end of a task
     */
    public Instances(
            LauncherSupervisor launcher,
            SlotMaker maker,
            SlotPool parked,
            LoadedSlots loaded,
            Launches launches,
            InstanceLogs logs,
            InstanceLimits limits,
            Clock clock,
            Consumer<InstanceExit> onExit,
            Consumer<InstanceExit> onTaskEnd) {
        this.onTaskEnd = onTaskEnd;
        this.launcher = launcher;
        this.maker = maker;
        this.parked = parked;
        this.loaded = loaded;
        this.launches = launches;
        this.logs = logs;
        this.limits = limits;
        this.clock = clock;
        this.onExit = onExit;
        this.reports = new Reports(clock);
    }

    /**
     * The cold start: slot, limits, root filesystem and exec, ready; see RuntimePort.start. The CPU
     * stays without a quota until {@link #setCpu} is called.
     */
    public StartedInstance start(RevisionSpec revision, SecretValues secrets) {
        requirePort(revision, true);
        Instant begunAt = clock.now();
        long begun = clock.nanos();
        Instance instance = null;
        try (Launches.Turn turn = launches.turn(revision)) {
            Launches.Launched launch = launches.launch(revision, secrets, register, turn);
            long launched = clock.nanos();
            instance = launch.instance();
            awaitReady(instance, turn);
            watch(instance);
            keep(instance); // its note is handed over after the answer, …
            grant(instance, revision.resources().cpu()); // … this is written, …
            if (secrets.isEmpty()) {
                loaded.want(revision); // … and the next start made ready then: see settle
            }
            instance.started(clock.nanos() - begun);
            long rootfs = launched - launch.limitedNanos() - launch.process().execNanos();
            return new StartedInstance(
                    instance.id(),
                    revision.name(),
                    instance.slot().link().instanceAddress(),
                    revision.container().port(),
                    new StartTimings(
                            begunAt,
                            launch.slotTakenNanos() - begun,
                            launch.limitedNanos() - launch.slotTakenNanos(),
                            rootfs,
                            launch.process().execNanos(),
                            clock.nanos() - launched));
        } catch (IOException | RuntimeException e) {
            if (instance != null) {
                register.failed(instance);
            }
            parked.refill();
            throw failure(revision, e);
        }
    }

    /**
     * Starts what runs to its end, up to the executing command; fails as {@link #start}. Its note
     * is safe when this returns.
     */
    public InstanceId run(RevisionSpec task, SecretValues secrets) {
        requirePort(task, false);
        Instance instance = null;
        try (Launches.Turn turn = launches.turn(task)) {
            instance = launches.launch(task, secrets, register, turn).instance();
            instance.become(new InstanceState.Ready());
            keep(instance);
            launcher.hand(instance.slot().number());
            grant(instance, task.resources().cpu());
            applyCpuUnlessEnded(instance);
            return instance.id();
        } catch (IOException | RuntimeException e) {
            if (instance != null) {
                register.failed(instance);
            }
            throw failure(task, e);
        } finally {
            parked.refill();
        }
    }

    /** What runs to its end is started by {@link #run}, and nothing else is. */
    private static void requirePort(RevisionSpec revision, boolean wanted) {
        if (revision.container().runsToEnd() == wanted) {
            throw HearthException.invalid(
                    "invalid-port",
                    wanted
                            ? "an instance takes requests, and " + revision.name() + " has no port"
                            : "a task takes no requests, and " + revision.name() + " has a port");
        }
    }

    /** One may be over before it has its quota. */
    private static void applyCpuUnlessEnded(Instance instance) throws IOException {
        try {
            instance.applyCpu();
        } catch (IOException e) {
            if (!instance.ended().isDone()) {
                throw e;
            }
        }
    }

    /** Makes a task's image ready to run here, however long that takes; fails as {@link #run}. */
    public void bring(RevisionSpec task) {
        try {
            launches.bring(task);
        } catch (IOException | RuntimeException e) {
            throw failure(task, e);
        }
    }

    /** How an instance ended that no runtime saw end. */
    public static ExitCause causeOf(Launcher.Exit exit) {
        return Instance.causeOfOwn(exit);
    }

    /**
     * Takes over an instance that an earlier run of the platform started, and that serves, or would
     * when it is thawed. It gets its full quota: whoever throttled it is gone.
     */
    public void adopt(InstanceNote note, Slot slot) throws IOException {
        Instance instance = Instance.adopted(note, slot);
        byId.put(instance.id(), instance);
        bySlot.put(slot.number(), instance);
        maker.allowAgain(slot, note.revision().egress());
        grant(instance, instance.revision().resources().cpu());
        instance.applyCpu();
        watch(instance);
        keep(instance);
        launcher.hand(slot.number());
    }

    /** Kills it when it fails its liveness probe, if it has one. */
    private void watch(Instance instance) {
        ContainerSpec container = instance.revision().container();
        Optional<Probe> probe = container.probes().liveness();
        if (probe.isPresent()) {
            Attempt attempt = Attempts.of(probe.get(), address(instance), container.port());
            Thread.ofVirtual()
                    .name("liveness-" + instance.id())
                    .start(
                            () ->
                                    new Liveness(probe.get(), attempt, clock)
                                            .watch(instance.health(), () -> unhealthy(instance)));
        }
    }

    /** It does not answer, so that it is not asked to end. */
    private void unhealthy(Instance instance) {
        logs.note(
                instance.log(),
                "hearth: killed, because it failed its liveness probe "
                        + instance.revision().container().probes().livenessText());
        stop(instance, StopReason.UNHEALTHY, Duration.ZERO);
    }

    /** From now on it goes on when the launcher or this process dies. */
    private void keep(Instance instance) {
        launcher.keep(instance.slot().number(), () -> instance.note().toBytes());
    }

    /**
     * What a start leaves to be done when it has been answered: its note is safe, its boost ends,
     * and the revision's next start is made ready.
     */
    public void settle(InstanceId id) throws IOException {
        loaded.wake();
        Instance instance = byId.get(id);
        if (instance != null) {
            launcher.hand(instance.slot().number());
            instance.applyCpu();
        }
    }

    private void awaitReady(Instance instance, Launches.Turn turn) throws IOException {
        RevisionSpec revision = instance.revision();
        Optional<Probe> probe = revision.container().probes().startup();
        Duration longest = shorter(revision.timeout(), limits.startup());
        Duration deadline = probe.map(p -> shorter(p.patience(), longest)).orElse(longest);
        switch (Readiness.await(
                startup(instance, probe), deadline, instance.ended()::isDone, turn::close, clock)) {
            case READY -> instance.become(new InstanceState.Ready());
            case ENDED -> throw exitedBeforeReady(instance, instance.ended().join());
            case TIMED_OUT ->
                    throw new HearthException(
                            ErrorKind.FAILED_PRECONDITION,
                            "container-not-listening",
                            "the container of "
                                    + revision.name()
                                    + probe.map(p -> " did not pass its startup probe " + p)
                                            .orElse(
                                                    " did not listen on port "
                                                            + revision.container().port())
                                    + " within "
                                    + Durations.format(deadline)
                                    + (probe.isPresent()
                                            ? "; see its log, or give it more time by delay, period"
                                                    + " and failures"
                                            : "; make it listen on 0.0.0.0:$PORT, or give another"
                                                    + " --port"),
                            logs.tail(instance.log(), LOG_LINES_SHOWN));
        }
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    /** What shows that an instance is ready: its own probe, or that its port takes a connection. */
    private Attempt startup(Instance instance, Optional<Probe> probe) {
        Inet4Address address = address(instance);
        int port = instance.revision().container().port();
        if (probe.isEmpty()) {
            return new TcpProbe(address, port, Readiness.CONNECT_MILLIS)::takesConnection;
        }
        Attempt attempt = Attempts.of(probe.get(), address, port);
        TcpProbe door = new TcpProbe(address, probe.get().port(port), Readiness.CONNECT_MILLIS);
        long from = clock.nanos() + probe.get().initialDelay().toNanos();
        return () -> clock.nanos() - from >= 0 && door.takesConnection() && attempt.succeeds();
    }

    private static Inet4Address address(Instance instance) {
        return Inet4Address.ofLiteral(instance.slot().link().instanceAddress());
    }

    private HearthException exitedBeforeReady(Instance instance, ExitCause cause) {
        return new HearthException(
                ErrorKind.FAILED_PRECONDITION,
                cause instanceof ExitCause.OutOfMemory
                        ? "container-out-of-memory"
                        : "container-exited",
                "the container of "
                        + instance.revision().name()
                        + " "
                        + cause.words()
                        + " before it listened on port "
                        + instance.revision().container().port(),
                logs.tail(instance.log(), LOG_LINES_SHOWN));
    }

    private HearthException failure(RevisionSpec revision, Exception e) {
        return switch (e) {
            case HearthException known -> known;
            case LauncherFailure f when f.isContainersFault() ->
                    new HearthException(
                            ErrorKind.FAILED_PRECONDITION,
                            "container-not-startable",
                            "the container of "
                                    + revision.name()
                                    + " cannot start: "
                                    + f.getMessage());
            default ->
                    new HearthException(
                            ErrorKind.INTERNAL,
                            "start-failed",
                            "starting an instance of "
                                    + revision.name()
                                    + " failed: "
                                    + e.getMessage(),
                            e);
        };
    }

    /** Makes the newest wanted quota so. */
    public void setCpu(InstanceId id) throws IOException {
        Instance instance = byId.get(id);
        if (instance != null) {
            instance.applyCpu();
        }
    }

    /**
     * Notes what {@link #setCpu} shall do: cheap, by the asking thread, so that the order is kept.
     * Those whose quota has to be written, others too where what they share is no longer the same.
     */
    public List<InstanceId> wantCpu(InstanceId id, Cpu quota, boolean idle) {
        Instance instance = byId.get(id);
        if (instance == null) {
            return List.of();
        }
        if (!idle && instance.isResting()) {
            instance.used(greedyDual.clock());
        }
        instance.rest(idle);
        return grant(instance, quota);
    }

    private List<InstanceId> grant(Instance instance, Cpu asked) {
        synchronized (grants) {
            greedy -= instance.claim().extra() > 0 ? 1 : 0;
            instance.askCpu(asked);
            instance.wantCpu(asked);
            greedy += instance.claim().extra() > 0 ? 1 : 0;
            if (greedy == 0) {
                return List.of(instance.id()); // as nearly always
            }
            List<Instance> all = List.copyOf(byId.values());
            List<CpuGrants.Claim> claims = all.stream().map(Instance::claim).toList();
            List<InstanceId> changed = new ArrayList<>(List.of(instance.id()));
            List<Integer> granted = CpuGrants.of(coresMillis, claims);
            for (int i = 0; i < all.size(); i++) {
                Instance one = all.get(i);
                boolean other = !one.equals(instance);
                if (claims.get(i).asked() > 0
                        && (!other || CpuGrants.isWorthWriting(one.cpuMillis(), granted.get(i)))) {
                    one.wantCpu(new Cpu(granted.get(i)));
                    if (other) {
                        changed.add(one.id());
                    }
                }
            }
            return changed;
        }
    }

    /** Notes what {@link #applyWarmth} shall do, so that the order is kept; whether it is there. */
    public boolean wantWarmth(InstanceId id, Warmth warmth) {
        Instance instance = byId.get(id);
        if (instance != null) {
            instance.wantWarmth(warmth);
        }
        return instance != null;
    }

    /** Freezes, pages or thaws one as was wanted last. */
    public void applyWarmth(InstanceId id) throws IOException {
        Instance instance = byId.get(id);
        if (instance != null) {
            instance.applyWarmth();
        }
    }

    /**
     * Idle instances that should go for so many bytes to be free, the least worth first; none that
     * the minimum of its revision needs.
     *
     * @param asked passed over
     */
    List<GreedyDual.Candidate> toEvict(long wantedBytes, Set<InstanceId> asked) {
        Map<RevisionName, Long> frequencies = new HashMap<>();
        Map<RevisionName, Integer> spare = new HashMap<>();
        for (Instance one : byId.values()) {
            RevisionSpec revision = one.revision();
            frequencies.merge(revision.name(), one.uses(), Long::sum);
            spare.putIfAbsent(revision.name(), -revision.scaling().minInstances());
            spare.merge(revision.name(), one.isServing() ? 1 : 0, Integer::sum);
        }
        List<GreedyDual.Candidate> idle =
                byId.values().stream()
                        .filter(Instance::isResting)
                        .filter(one -> !asked.contains(one.id()))
                        .map(one -> candidate(one, frequencies))
                        .toList();
        return greedyDual.choose(idle, spare, wantedBytes);
    }

    private static GreedyDual.Candidate candidate(
            Instance one, Map<RevisionName, Long> frequencies) {
        return one.candidate(frequencies.getOrDefault(one.revision().name(), 1L));
    }

    /** Granted to nobody, in thousandths of a core; below 0 when more is granted than there is. */
    public int freeCpuMillis() {
        long granted = byId.values().stream().mapToLong(Instance::cpuMillis).sum();
        return Math.clamp(coresMillis - granted, -Cpu.MOST_MILLIS, coresMillis);
    }

    /** What there is to grant, in thousandths of a core. */
    public int cpuMillis() {
        return coresMillis;
    }

    /** What the kernel counted of every instance since the last call; see {@link Reports}. */
    public List<InstanceReport> reports() {
        return reports.of(
                byId.values().stream().filter(i -> !i.isTask()).toList(), freeCpuMillis());
    }

    /** Stops one; see RuntimePort.stop. */
    public void stop(InstanceId id, StopReason reason) {
        Instance instance = byId.get(id);
        if (instance != null) {
            stop(instance, reason, limits.stopGrace());
        }
    }

    private void stop(Instance instance, StopReason reason, Duration grace) {
        instance.stopFor(reason);
        if (reason == StopReason.EVICTED) {
            logs.note(
                    instance.log(), "hearth: idle, and stopped because the node's memory is short");
        }
        instance.become(new InstanceState.Draining());
        launcher.release(instance.slot().number());
        try {
            if (!grace.isZero()) {
                instance.lastCpu(Optional.of(instance.revision().resources().cpu()));
                instance.thawForGood();
                launcher.signal(instance.slot().number(), SIGTERM);
            }
            if (grace.isZero() || !ends(instance, grace)) {
                instance.lastCpu(Optional.empty());
                instance.thawForGood();
                launcher.signal(instance.slot().number(), SIGKILL);
                ends(instance, Duration.ofSeconds(KILL_SECONDS));
            }
        } finally {
            remove(instance);
        }
        await(instance.removed(), Duration.ofSeconds(KILL_SECONDS));
    }

    private static boolean ends(Instance instance, Duration within) {
        return await(instance.ended(), within);
    }

    private static boolean await(Future<?> future, Duration within) {
        try {
            future.get(within.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The launcher says that a sandbox ended; frees what it held. */
    public void exited(Launcher.Exit exit) {
        Instance instance = bySlot.get(exit.slot());
        if (instance == null) {
            try {
                if (!parked.lost(exit.slot())) {
                    loaded.lost(exit.slot());
                }
            } catch (IOException e) {
                throw new IllegalStateException("freeing slot " + exit.slot() + " failed", e);
            }
            return;
        }
        instance.end(exit);
        noteUnexpected(instance);
        remove(instance);
    }

    /** Its own log says why it ended, where whoever looks for the reason will look first. */
    private void noteUnexpected(Instance instance) {
        ExitCause cause = instance.ended().join();
        boolean done = instance.isTask() && cause.equals(new ExitCause.Exited(0));
        if (!done && !(cause instanceof ExitCause.Stopped)) {
            logs.note(instance.log(), "hearth: the container " + cause.words());
        }
    }

    private void remove(Instance instance) {
        if (!instance.claimRemoval()) {
            return;
        }
        try {
            maker.freeStarted(instance.slot());
        } catch (IOException e) {
            throw new HearthException(
                    ErrorKind.INTERNAL,
                    "cleanup-failed",
                    "freeing instance " + instance.id() + " failed: " + e.getMessage(),
                    e);
        } finally {
            byId.remove(instance.id());
            synchronized (grants) {
                greedy -= instance.claim().extra() > 0 ? 1 : 0;
                instance.askCpu(instance.revision().resources().cpu());
            }
            bySlot.remove(instance.slot().number());
            instance.removed().complete(null);
            @Nullable ExitCause cause = instance.ended().getNow(null);
            if (instance.isTask() || instance.wasReady()) {
                (instance.isTask() ? onTaskEnd : onExit)
                        .accept(
                                new InstanceExit(
                                        instance.id(),
                                        instance.revision().name(),
                                        cause != null ? cause : new ExitCause.Killed(SIGKILL),
                                        clock.now()));
            }
        }
    }

    /** All but tasks. */
    public List<InstanceView> views() {
        return byId.values().stream().filter(i -> !i.isTask()).map(Instance::view).toList();
    }

    /** Those that run to their end. */
    public List<InstanceView> tasks() {
        return byId.values().stream().filter(Instance::isTask).map(Instance::view).toList();
    }

    /** The images that are mounted for them, and for those that are loaded ahead. */
    public Set<Digest> images() {
        Set<Digest> images = loaded.images();
        byId.values().forEach(instance -> images.add(instance.revision().digest()));
        return images;
    }

    /** Whose they are, those that run to their end too. */
    public Set<ServiceName> services() {
        return byId.values().stream().map(i -> i.revision().service()).collect(Collectors.toSet());
    }

    /** The ids of all that are not removed. */
    public List<InstanceId> ids() {
        return List.copyOf(byId.keySet());
    }
}
