package dev.hearth.runtime.instance;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.SecretValues;
import dev.hearth.runtime.launcher.SlotControl;
import dev.hearth.runtime.log.InstanceLogs;
import dev.hearth.runtime.posix.Fd;
import dev.hearth.runtime.rootfs.LaunchPlan;
import dev.hearth.runtime.rootfs.LaunchPlans;
import dev.hearth.runtime.slot.LoadedSlots;
import dev.hearth.runtime.slot.QuietTime;
import dev.hearth.runtime.slot.Slot;
import dev.hearth.runtime.slot.SlotMaker;
import dev.hearth.runtime.slot.SlotPool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The part of a cold start from the order to the executing command: in a slot that was loaded for
 * the revision, or else in a parked one. Blocking.
 */
public final class Launches {
    private static final int WAIT_SECONDS = 30;

    /**
     * At a time: of a burst the first are answered while the last wait, and all of them sooner than
     * if they took turns on the same few CPUs.
     */
    private static final int MOST = Runtime.getRuntime().availableProcessors() + 1;

    private final SlotPool parked;
    private final LoadedSlots loaded;
    private final SlotMaker maker;
    private final LaunchPlans plans;
    private final InstanceLogs logs;
    private final QuietTime quiet;
    private final Clock clock;
    private final Semaphore turns = new Semaphore(MOST, true);

    public Launches(
            SlotPool parked,
            LoadedSlots loaded,
            SlotMaker maker,
            LaunchPlans plans,
            InstanceLogs logs,
            QuietTime quiet,
            Clock clock) {
        this.parked = parked;
        this.loaded = loaded;
        this.maker = maker;
        this.plans = plans;
        this.logs = logs;
        this.quiet = quiet;
        this.clock = clock;
    }

    /** Where instances are entered as soon as they have a slot, and ended when that fails. */
    interface Register {
        Instance enter(RevisionSpec revision, Slot slot, Path log);

        void failed(Instance instance);
    }

    /**
     * An instance whose command executes.
     *
     * @param slotTakenNanos when it had its slot, by the clock
     * @param limitedNanos when its limits were set
     */
    record Launched(
            Instance instance,
            SlotControl.Started process,
            long slotTakenNanos,
            long limitedNanos) {}

    /**
     * The right to take part in the few starts that go on at a time; given back once. While anyone
     * has it, it is not quiet.
     */
    final class Turn implements AutoCloseable {
        private boolean over;

        private Turn() {
            quiet.begun();
        }

        /** Lets the next start begin; what is closed already stays so. For one thread. */
        @Override
        public void close() {
            if (!over) {
                over = true;
                quiet.ended();
                turns.release();
            }
        }
    }

    /**
     * Waits for one's turn; throws UNAVAILABLE {@code too-many-starts} when it does not come.
     *
     * @param revision whose image is seen to first, because it may have been evicted and has to be
     *     pulled then; from that on it stays for longer than a start takes
     */
    Turn turn(RevisionSpec revision) throws IOException {
        plans.of(revision);
        try {
            if (turns.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
                return new Turn();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while other instances were being started", e);
        }
        throw new HearthException(
                ErrorKind.UNAVAILABLE,
                "too-many-starts",
                "this node starts as many instances as it can; try again in a moment");
    }

    /** Makes a revision's image ready; takes no turn. */
    void bring(RevisionSpec revision) throws IOException {
        plans.of(revision);
    }

    /**
     * Throws as LaunchPlans.of, or LauncherFailure.
     *
     * @param turn is over when it fails: cleaning up needs none
     */
    Launched launch(RevisionSpec revision, SecretValues secrets, Register register, Turn turn)
            throws IOException {
        // a loaded slot's process has what it was told long ago, and nobody tells it more
        Optional<LoadedSlots.Loaded> ahead =
                secrets.isEmpty() ? loaded.take(revision.name()) : Optional.empty();
        if (ahead.isPresent()) {
            Optional<Launched> launched = release(ahead.get(), revision, register);
            if (launched.isPresent()) {
                return launched.get();
            }
        }
        return launchParked(revision, secrets, register, turn);
    }

    /**
     * Empty when the slot has ended meanwhile: nothing of the tenant's ran, so another one does.
     */
    private Optional<Launched> release(
            LoadedSlots.Loaded ahead, RevisionSpec revision, Register register) {
        Instance instance = register.enter(revision, ahead.slot(), ahead.log());
        long taken = clock.nanos();
        try (SlotControl control = ahead.slot().control()) {
            control.startLoaded();
            return Optional.of(new Launched(instance, control.await(), taken, taken));
        } catch (IOException | RuntimeException e) {
            loaded.spoilt(revision.name(), e);
            register.failed(instance);
            return Optional.empty();
        }
    }

    private Launched launchParked(
            RevisionSpec revision, SecretValues secrets, Register register, Turn turn)
            throws IOException {
        LaunchPlan plan = plans.of(revision);
        Slot slot = parked.take();
        Instance instance;
        try {
            Path log = logs.create(revision.service(), revision.name(), slot.id());
            instance = register.enter(revision, slot, log);
        } catch (IOException e) {
            maker.discard(slot);
            throw e;
        }
        try (SlotControl control = slot.control()) {
            long taken = clock.nanos();
            maker.allow(slot, revision.resources().memory(), revision.egress());
            long limited;
            try (Fd log = Fd.openForAppending(instance.log())) {
                limited = clock.nanos();
                String address = slot.link().instanceAddress();
                control.start(plan.forInstance(slot.id(), address, secrets), log);
            }
            return new Launched(instance, control.await(), taken, limited);
        } catch (IOException | RuntimeException e) {
            turn.close();
            register.failed(instance);
            throw e;
        }
    }
}
