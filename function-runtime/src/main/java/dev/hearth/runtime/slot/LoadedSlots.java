package dev.hearth.runtime.slot;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.runtime.launcher.LauncherFailure;
import dev.hearth.runtime.launcher.StartStep;
import dev.hearth.runtime.log.InstanceLogs;
import dev.hearth.runtime.posix.Errno;
import dev.hearth.runtime.posix.Fd;
import dev.hearth.runtime.rootfs.LaunchPlans;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * For each of the revisions that were started last, one slot that is ready up to its command's
 * first instruction: limits set, root filesystem mounted, program loaded and stopped by its init.
 * None of the tenant's code has run in it. What is left of such a start is to let it go.
 *
 * <p>Loading is done by one thread in quiet moments, after a start of the revision; what is loaded
 * stays until it is used, the revision is forgotten, or too many others were loaded after it.
 *
 * <p>Concurrency: the maps are guarded by the monitor, which is not held while a slot is loaded or
 * freed.
 */
public final class LoadedSlots implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(LoadedSlots.class);
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(15);

    private final SlotPool parked;
    private final SlotMaker maker;
    private final LaunchPlans plans;
    private final InstanceLogs logs;
    private final int most;
    private final QuietTime quiet;
    private final Clock clock;
    private final Thread loader;

    // guarded by the monitor, both in the order in which they came
    private final Map<RevisionName, Loaded> loaded = new LinkedHashMap<>();
    private final LinkedHashMap<RevisionName, RevisionSpec> wanted = new LinkedHashMap<>();
    private boolean closed;
    private boolean impossible; // this host forbids ptrace(2)

    /**
     * One of them.
     *
     * @param log of the instance that it will be, empty as yet
     * @param image that is mounted in it
     */
    public record Loaded(Slot slot, Path log, Digest image) {}

    /**
     * @param most revisions at a time; 0 for none
     */
    public LoadedSlots(
            SlotPool parked,
            SlotMaker maker,
            LaunchPlans plans,
            InstanceLogs logs,
            int most,
            QuietTime quiet,
            Clock clock) {
        this.parked = parked;
        this.maker = maker;
        this.plans = plans;
        this.logs = logs;
        this.most = most;
        this.quiet = quiet;
        this.clock = clock;
        // Not virtual: it waits for slots in system calls, which would hold a carrier thread.
        this.loader = Thread.ofPlatform().daemon().name("slot-loader").unstarted(this::work);
    }

    /** Begins to load. */
    public void open() {
        loader.start();
    }

    /**
     * Asks for one to be loaded, unless there is one; after the next {@link #wake}. Of more
     * revisions than there may be slots for, those that were asked for last are.
     */
    public synchronized void want(RevisionSpec revision) {
        if (most > 0 && !impossible && !loaded.containsKey(revision.name())) {
            wanted.putLast(revision.name(), revision);
            if (wanted.size() > most) {
                wanted.pollFirstEntry();
            }
        }
    }

    /** Has what is wanted loaded in the next quiet moment. */
    public synchronized void wake() {
        notifyAll();
    }

    /** The revision's, which is now the caller's. */
    public Optional<Loaded> take(RevisionName revision) {
        Optional<Loaded> taken;
        synchronized (this) {
            taken = Optional.ofNullable(loaded.remove(revision));
        }
        if (taken.isPresent() && !maker.isAlive(taken.get().slot())) {
            try {
                free(taken.get()); // it ended, and the news of it is on its way
            } catch (IOException e) {
                spoilt(revision, e); // the start goes on with another slot
            }
            return Optional.empty();
        }
        return taken;
    }

    /** One that was taken could not be used: its program was killed while it waited, say. */
    public void spoilt(RevisionName revision, Exception why) {
        LOG.infof("the slot loaded for %s could not be used: %s", revision, why.getMessage());
    }

    /** The images that are mounted in them, or will be. */
    public synchronized Set<Digest> images() {
        Set<Digest> images = new HashSet<>();
        loaded.values().forEach(l -> images.add(l.image()));
        wanted.values().forEach(revision -> images.add(revision.digest()));
        return images;
    }

    /** No start of the revision will come. */
    public void forget(RevisionName revision) throws IOException {
        Optional<Loaded> useless;
        synchronized (this) {
            wanted.remove(revision);
            useless = Optional.ofNullable(loaded.remove(revision));
        }
        if (useless.isPresent()) {
            discard(useless.get());
        }
    }

    /**
     * Takes note that a slot ended by itself, for its memory say; nothing when it is none of ours.
     */
    public void lost(int slotNumber) throws IOException {
        List<Loaded> ended = remove(l -> l.slot().number() == slotNumber);
        for (Loaded l : ended) {
            LOG.debugf("the slot loaded for %s ended", l.log());
            free(l);
        }
    }

    private synchronized List<Loaded> remove(Predicate<Loaded> which) {
        List<Loaded> removed = loaded.values().stream().filter(which).toList();
        loaded.values().removeAll(removed);
        return removed;
    }

    private void work() {
        try {
            while (awaitWanted()) {
                quiet.await(clock.nanos(), PATIENCE);
                Optional<RevisionSpec> next = next();
                if (next.isPresent()) {
                    loadAhead(next.get());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean awaitWanted() throws InterruptedException {
        while (!closed && wanted.isEmpty()) {
            wait();
        }
        return !closed;
    }

    private synchronized Optional<RevisionSpec> next() {
        return closed ? Optional.empty() : wanted.values().stream().findFirst();
    }

    private void loadAhead(RevisionSpec revision) {
        try {
            Loaded fresh = load(revision);
            for (Loaded surplus : keep(revision.name(), fresh)) {
                discard(surplus);
            }
        } catch (IOException | RuntimeException e) {
            LOG.warnf(
                    "no slot could be loaded for %s, its next start takes longer: %s",
                    revision.name(), e.getMessage());
            synchronized (this) {
                wanted.remove(revision.name());
                impossible |=
                        e instanceof LauncherFailure f
                                && f.step() == StartStep.HOLD
                                && f.errno() == Errno.EPERM;
            }
        } finally {
            parked.refill();
        }
    }

    private Loaded load(RevisionSpec revision) throws IOException {
        Slot slot = parked.take();
        Path log;
        try {
            log = logs.create(revision.service(), revision.name(), slot.id());
        } catch (IOException e) {
            maker.discard(slot);
            throw e;
        }
        Loaded fresh = new Loaded(slot, log, revision.digest());
        try {
            maker.allow(slot, revision.resources().memory(), revision.egress());
            try (Fd file = Fd.openForAppending(log)) {
                String address = slot.link().instanceAddress();
                slot.control().load(plans.of(revision).forInstance(slot.id(), address), file);
            }
            slot.control().await();
            return fresh;
        } catch (IOException | RuntimeException e) {
            discard(fresh);
            throw e;
        }
    }

    /** Returns what there is no room, or no use, for. */
    private synchronized List<Loaded> keep(RevisionName revision, Loaded fresh) {
        if (closed || wanted.remove(revision) == null) {
            return List.of(fresh); // forgotten while it was loaded
        }
        loaded.put(revision, fresh);
        List<Loaded> surplus = new ArrayList<>();
        while (loaded.size() > most) {
            surplus.add(loaded.remove(loaded.keySet().iterator().next()));
        }
        return surplus;
    }

    private void discard(Loaded useless) throws IOException {
        try {
            logs.remove(useless.log());
        } finally {
            maker.discard(useless.slot());
        }
    }

    private void free(Loaded ended) throws IOException {
        try {
            logs.remove(ended.log());
        } finally {
            maker.free(ended.slot());
        }
    }

    /** Loads no more; returns when nothing is being loaded. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            if (loader.isAlive() && !loader.join(CLOSE_WITHIN)) {
                LOG.warn("a slot is still being loaded; leaving it to the launcher's end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Frees what was never used, after its processes were killed. */
    public void drain() throws IOException {
        for (Loaded l : remove(all -> true)) {
            free(l);
        }
    }
}
