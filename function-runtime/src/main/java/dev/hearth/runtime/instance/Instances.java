package dev.hearth.runtime.instance;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.Durations;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.StartTimings;
import dev.hearth.contracts.StartedInstance;
import dev.hearth.contracts.StopReason;
import dev.hearth.runtime.launcher.Launcher;
import dev.hearth.runtime.launcher.LauncherFailure;
import dev.hearth.runtime.log.InstanceLogs;
import dev.hearth.runtime.posix.Fd;
import dev.hearth.runtime.posix.Host;
import dev.hearth.runtime.rootfs.LaunchPlan;
import dev.hearth.runtime.rootfs.LaunchPlans;
import dev.hearth.runtime.slot.Slot;
import dev.hearth.runtime.slot.SlotMaker;
import dev.hearth.runtime.slot.SlotPool;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
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

    private final Launcher launcher;
    private final SlotMaker maker;
    private final SlotPool slots;
    private final LaunchPlans plans;
    private final InstanceLogs logs;
    private final InstanceLimits limits;
    private final Clock clock;
    private final LongSupplier random;
    private final Consumer<InstanceExit> onExit;
    private final ConcurrentHashMap<InstanceId, Instance> byId = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Integer, Instance> bySlot = new ConcurrentHashMap<>();

    /**
     * @param random 60 random bits at each call, for ids
     * @param onExit told of every end of an instance that had been ready
     */
    public Instances(
            Launcher launcher,
            SlotMaker maker,
            SlotPool slots,
            LaunchPlans plans,
            InstanceLogs logs,
            InstanceLimits limits,
            Clock clock,
            LongSupplier random,
            Consumer<InstanceExit> onExit) {
        this.launcher = launcher;
        this.maker = maker;
        this.slots = slots;
        this.plans = plans;
        this.logs = logs;
        this.limits = limits;
        this.clock = clock;
        this.random = random;
        this.onExit = onExit;
    }

    /** The cold start: slot, limits, root filesystem and exec, ready; see RuntimePort.start. */
    public StartedInstance start(RevisionSpec revision) {
        Instant begunAt = clock.now();
        long begun = clock.nanos();
        Instance instance = null;
        try {
            LaunchPlan plan = plans.of(revision);
            Slot slot = slots.take();
            instance = register(revision, slot);
            long slotTaken = clock.nanos();
            slot.cgroup().limit(revision.resources().memory(), limits.processes());
            maker.allow(slot, revision.egress());
            long limited = clock.nanos();
            Launcher.Started process = launch(instance, plan);
            long launched = clock.nanos();
            awaitReady(instance);
            setQuotaAfterBoost(instance);
            return new StartedInstance(
                    instance.id(),
                    revision.name(),
                    slot.link().instanceAddress(),
                    revision.container().port(),
                    new StartTimings(
                            begunAt,
                            slotTaken - begun,
                            limited - slotTaken,
                            process.rootfsNanos(),
                            launched - limited - process.rootfsNanos(),
                            clock.nanos() - launched));
        } catch (IOException | RuntimeException e) {
            if (instance != null) {
                stop(instance, StopReason.START_FAILED, Duration.ZERO);
            }
            throw failure(revision, e);
        }
    }

    private Instance register(RevisionSpec revision, Slot slot) throws IOException {
        InstanceId id = InstanceId.of(random.getAsLong());
        Path log;
        try {
            log = logs.create(revision.service(), revision.name(), id);
        } catch (IOException e) {
            maker.discard(slot);
            throw e;
        }
        Instance instance = new Instance(id, revision, slot, log, clock.now());
        byId.put(id, instance);
        bySlot.put(slot.number(), instance);
        return instance;
    }

    private Launcher.Started launch(Instance instance, LaunchPlan plan) throws IOException {
        Slot slot = instance.slot();
        try (Fd log = Fd.openForAppending(instance.log())) {
            return launcher.start(
                    slot.number(),
                    plan.forInstance(instance.id(), slot.link().instanceAddress()),
                    log);
        }
    }

    private void awaitReady(Instance instance) {
        RevisionSpec revision = instance.revision();
        Duration deadline =
                revision.timeout().compareTo(limits.startup()) < 0
                        ? revision.timeout()
                        : limits.startup();
        InetSocketAddress address =
                new InetSocketAddress(
                        instance.slot().link().instanceAddress(), revision.container().port());
        switch (Readiness.await(address, deadline, instance.ended()::isDone, clock)) {
            case READY -> instance.become(new InstanceState.Ready());
            case ENDED -> throw exitedBeforeReady(instance, instance.ended().join());
            case TIMED_OUT ->
                    throw new HearthException(
                            ErrorKind.FAILED_PRECONDITION,
                            "container-not-listening",
                            "the container of "
                                    + revision.name()
                                    + " did not listen on port "
                                    + revision.container().port()
                                    + " within "
                                    + Durations.format(deadline)
                                    + "; make it listen on 0.0.0.0:$PORT, or give another --port",
                            logs.tail(instance.log(), LOG_LINES_SHOWN));
        }
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

    private void setQuotaAfterBoost(Instance instance) throws IOException {
        instance.wantCpu(instance.revision().resources().cpu());
        instance.applyCpu();
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
     */
    public boolean wantCpu(InstanceId id, Cpu quota, boolean idle) {
        Instance instance = byId.get(id);
        if (instance == null) {
            return false;
        }
        instance.become(idle ? new InstanceState.Idle() : new InstanceState.Ready());
        instance.wantCpu(quota);
        return true;
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
        instance.become(new InstanceState.Draining());
        try {
            if (!grace.isZero()) {
                signal(instance, SIGTERM);
            }
            if (grace.isZero() || !ends(instance, grace)) {
                signal(instance, SIGKILL);
                ends(instance, Duration.ofSeconds(KILL_SECONDS));
            }
        } finally {
            remove(instance);
        }
        await(instance.removed(), Duration.ofSeconds(KILL_SECONDS));
    }

    private void signal(Instance instance, int signal) {
        try {
            launcher.signal(instance.slot().number(), signal);
        } catch (IOException launcherGone) {
            instance.slot().cgroup().processes().forEach(pid -> Host.signal(pid, signal));
        }
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
                slots.lost(exit.slot());
            } catch (IOException e) {
                throw new IllegalStateException("freeing slot " + exit.slot() + " failed", e);
            }
            return;
        }
        instance.end(exit.status());
        noteUnexpected(instance);
        remove(instance);
    }

    /** Its own log says why it ended, where whoever looks for the reason will look first. */
    private void noteUnexpected(Instance instance) {
        ExitCause cause = instance.ended().join();
        if (!(cause instanceof ExitCause.Stopped)) {
            logs.note(instance.log(), "hearth: the container " + cause.words());
        }
    }

    private void remove(Instance instance) {
        if (!instance.claimRemoval()) {
            return;
        }
        try {
            maker.free(instance.slot());
        } catch (IOException e) {
            throw new HearthException(
                    ErrorKind.INTERNAL,
                    "cleanup-failed",
                    "freeing instance " + instance.id() + " failed: " + e.getMessage(),
                    e);
        } finally {
            byId.remove(instance.id());
            bySlot.remove(instance.slot().number());
            instance.removed().complete(null);
            @Nullable ExitCause cause = instance.ended().getNow(null);
            if (instance.wasReady()) {
                onExit.accept(
                        new InstanceExit(
                                instance.id(),
                                instance.revision().name(),
                                cause != null ? cause : new ExitCause.Killed(SIGKILL),
                                clock.now()));
            }
        }
    }

    public List<InstanceView> views() {
        return byId.values().stream().map(Instance::view).toList();
    }

    /** The ids of all that are not removed. */
    public List<InstanceId> ids() {
        return List.copyOf(byId.keySet());
    }
}
