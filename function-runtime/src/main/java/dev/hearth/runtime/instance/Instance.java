package dev.hearth.runtime.instance;

import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.Warmth;
import dev.hearth.runtime.cgroup.CpuStatistics;
import dev.hearth.runtime.launcher.Launcher;
import dev.hearth.runtime.note.InstanceNote;
import dev.hearth.runtime.slot.Slot;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One running sandbox of a revision: its state, its quota, its end. Its slot is freed by whoever
 * {@link #claimRemoval claims} that, exactly once.
 */
final class Instance {
    /** What the start of one took that an earlier run of the platform started. */
    private static final double UNKNOWN_START_MILLIS = 1_000;

    private final InstanceId id;
    private final RevisionSpec revision;
    private final Slot slot;
    private final Path log;
    private final Instant startedAt;
    private volatile InstanceState state = new InstanceState.Starting();
    private final AtomicReference<@Nullable StopReason> stopReason = new AtomicReference<>();
    private final AtomicReference<@Nullable Cpu> wantedCpu = new AtomicReference<>();
    private final CompletableFuture<ExitCause> ended = new CompletableFuture<>();
    private final CompletableFuture<Void> removed = new CompletableFuture<>();
    private final AtomicBoolean removalClaimed = new AtomicBoolean();
    private volatile boolean wasReady;
    private volatile int askedMillis;
    private volatile boolean idle;
    private volatile double startMillis = UNKNOWN_START_MILLIS;
    private volatile double clockAtUse;
    private final AtomicLong uses = new AtomicLong(1);
    private final Freezer freezer;

    Instance(InstanceId id, RevisionSpec revision, Slot slot, Path log, Instant startedAt) {
        this(id, revision, slot, log, startedAt, new Freezer(slot.cgroup()));
    }

    private Instance(
            InstanceId id,
            RevisionSpec revision,
            Slot slot,
            Path log,
            Instant startedAt,
            Freezer freezer) {
        this.freezer = freezer;
        this.id = id;
        this.revision = revision;
        this.slot = slot;
        this.log = log;
        this.startedAt = startedAt;
    }

    /** One that an earlier run of the platform started, and may have frozen. */
    static Instance adopted(InstanceNote note, Slot slot) throws IOException {
        Instance instance =
                new Instance(
                        note.id(),
                        note.revision(),
                        slot,
                        Path.of(note.log()),
                        note.startedAt(),
                        Freezer.adopting(slot.cgroup()));
        instance.become(new InstanceState.Ready());
        instance.applyWarmth();
        return instance;
    }

    InstanceId id() {
        return id;
    }

    /** Whether it is a job's task, which ends by itself and takes no requests. */
    boolean isTask() {
        return revision.container().runsToEnd();
    }

    RevisionSpec revision() {
        return revision;
    }

    Slot slot() {
        return slot;
    }

    Path log() {
        return log;
    }

    /** What a later runtime has to know of it. */
    InstanceNote note() {
        return InstanceNote.of(id, revision, slot.cgroup().name(), slot.link(), log, startedAt);
    }

    /** Moves on; false when that step is not possible from where it is. */
    synchronized boolean become(InstanceState next) {
        if (!state.mayBecome(next)) {
            return false;
        }
        state = next;
        wasReady |= next instanceof InstanceState.Ready;
        return true;
    }

    /** Notes whether it has requests; what stands does not move on before it is thawed. */
    synchronized void rest(boolean without) {
        idle = without;
        if (state instanceof InstanceState.Ready || state instanceof InstanceState.Idle) {
            run();
        }
    }

    private synchronized void run() {
        become(idle ? new InstanceState.Idle() : new InstanceState.Ready());
    }

    /** What its start took. */
    void started(long nanos) {
        startMillis = nanos / 1e6;
    }

    /**
     * It is taken up for a request after a rest.
     *
     * @param clock of {@link GreedyDual}
     */
    void used(double clock) {
        uses.incrementAndGet();
        clockAtUse = clock;
    }

    /** How often it was, its start included. */
    long uses() {
        return uses.get();
    }

    /** Whether no request is in it, as far as is known here. */
    boolean isResting() {
        return switch (state) {
            case InstanceState.Idle i -> true;
            case InstanceState.Frozen f -> true;
            case InstanceState.Paged p -> true;
            case InstanceState.Ready r -> false;
            case InstanceState.Starting s -> false;
            case InstanceState.Draining d -> false;
            case InstanceState.Stopped s -> false;
        };
    }

    /**
     * As one that could go.
     *
     * @param frequency of its revision
     */
    GreedyDual.Candidate candidate(long frequency) {
        return new GreedyDual.Candidate(
                id, revision.name(), frequency, clockAtUse, startMillis, memoryInUse());
    }

    /** Asks for it to stand (FROZEN or PAGED) or to run; {@link #applyWarmth} makes it so. */
    void wantWarmth(Warmth warmth) {
        freezer.want(warmth);
    }

    /** Makes the newest wish so, for one that serves. */
    void applyWarmth() throws IOException {
        synchronized (freezer) {
            if (!isServing()) {
                return;
            }
            switch (freezer.apply()) {
                case READY, IDLE -> run();
                case FROZEN -> become(new InstanceState.Frozen());
                case PAGED -> become(new InstanceState.Paged());
            }
        }
    }

    /** Whether it serves, or would when it is thawed. */
    boolean isServing() {
        return switch (state) {
            case InstanceState.Ready r -> true;
            case InstanceState.Idle i -> true;
            case InstanceState.Frozen f -> true;
            case InstanceState.Paged p -> true;
            case InstanceState.Starting s -> false;
            case InstanceState.Draining d -> false;
            case InstanceState.Stopped s -> false;
        };
    }

    /** As its liveness probe sees it. */
    Liveness.Subject health() {
        return () ->
                switch (state) {
                    case InstanceState.Ready _ -> Liveness.Condition.RUNS;
                    case InstanceState.Idle _ -> Liveness.Condition.HAS_A_SLIVER;
                    case InstanceState.Frozen _, InstanceState.Paged _ -> Liveness.Condition.STANDS;
                    case InstanceState.Starting _ -> Liveness.Condition.STANDS;
                    case InstanceState.Draining _, InstanceState.Stopped _ ->
                            Liveness.Condition.ENDS;
                };
    }

    /** Whether anyone was ever told that it can serve. */
    boolean wasReady() {
        return wasReady;
    }

    /** Notes why the platform ends it; the first reason stays. */
    void stopFor(StopReason reason) {
        stopReason.compareAndSet(null, reason);
    }

    /** Completes with the cause when its process is no more. */
    CompletableFuture<ExitCause> ended() {
        return ended;
    }

    /** Completes when nothing of it is left but its log. */
    CompletableFuture<Void> removed() {
        return removed;
    }

    /** True for exactly one caller, who then frees the slot. */
    boolean claimRemoval() {
        return !removalClaimed.getAndSet(true);
    }

    /**
     * Its process ended.
     *
     * @param exit as the launcher told it
     */
    void end(Launcher.Exit exit) {
        ExitCause cause = slot.cgroup().oomKills() > 0 ? outOfMemory() : causeOf(exit);
        become(new InstanceState.Stopped(cause));
        ended.complete(cause);
    }

    private ExitCause outOfMemory() {
        return new ExitCause.OutOfMemory(
                revision.resources().memory().bytes(), slot.cgroup().memoryPeak());
    }

    private ExitCause causeOf(Launcher.Exit exit) {
        StopReason reason = stopReason.get();
        return reason != null ? new ExitCause.Stopped(reason) : causeOfOwn(exit);
    }

    /** Why a process ended that the platform did not stop. */
    static ExitCause causeOfOwn(Launcher.Exit exit) {
        if (!exit.known()) {
            return new ExitCause.Unwatched();
        }
        int signal = exit.status() & 0x7f;
        return signal == 0
                ? new ExitCause.Exited((exit.status() >> 8) & 0xff)
                : new ExitCause.Killed(signal);
    }

    /** Asks for a quota; {@link #applyCpu} makes it so. */
    void wantCpu(Cpu quota) {
        wantedCpu.set(quota);
    }

    /** Asks for a quota, of which {@link #wantCpu} says what is granted. */
    void askCpu(Cpu quota) {
        askedMillis = quota.millis();
    }

    CpuGrants.Claim claim() {
        return new CpuGrants.Claim(revision.resources().cpu().millis(), askedMillis);
    }

    /** The newest quota granted, in thousandths of a core; 0 for none yet. */
    int cpuMillis() {
        Cpu quota = wantedCpu.get();
        return quota == null ? 0 : quota.millis();
    }

    /** Its weight on a busy machine: what it was deployed with, or less while its quota is less. */
    private Cpu share(Cpu quota) {
        Cpu request = revision.resources().cpu();
        return quota.millis() < request.millis() ? quota : request;
    }

    /** Writes the newest wanted quota; calls that overlap leave the newest one in force. */
    synchronized void applyCpu() throws IOException {
        Cpu wanted = wantedCpu.get();
        if (wanted != null && !ended.isDone() && !(state instanceof InstanceState.Draining)) {
            slot.cgroup().setCpu(Optional.of(wanted), share(wanted));
        }
    }

    /**
     * Its last quota, once it drains; empty for none. A process that was killed still needs CPU to
     * end: a thousand of them on an idle instance's sliver took minutes (Linux 6.18, cgroup v1).
     */
    synchronized void lastCpu(Optional<Cpu> quota) {
        try {
            slot.cgroup().setCpu(quota, revision.resources().cpu());
        } catch (IOException alreadyGone) {
            // then there is nothing left that could be slow
        }
    }

    /** It drains, and a process that stands sees no signal. */
    void thawForGood() {
        try {
            freezer.release();
        } catch (IOException alreadyGone) {
            // then nothing is left that stands
        }
    }

    /** What the kernel counted of it so far. */
    CpuStatistics cpuStatistics() {
        return slot.cgroup().cpuStatistics();
    }

    long memoryInUse() {
        return slot.cgroup().memoryInUse();
    }

    long oomKills() {
        return slot.cgroup().oomKills();
    }

    String stateWord() {
        return state.word();
    }

    InstanceView view() {
        return new InstanceView(
                id,
                revision.name(),
                revision.service(),
                state.word(),
                slot.link().instanceAddress(),
                revision.container().port(),
                slot.pid(),
                startedAt,
                cpuMillis(),
                slot.cgroup().memoryInUse(),
                "");
    }
}
