package dev.hearth.runtime.launcher;

import dev.hearth.runtime.posix.Fd;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The launcher that works now. When it dies another one takes its place and is given the running
 * instances, which notice nothing; what had not become an instance yet is ended.
 *
 * <p>A slot that is to go on for as long as it runs is {@link #keep kept}: its note is what makes
 * the next runtime know it again when this one dies.
 *
 * <p>Concurrency: requests go to {@code current}, which is open while there is no launcher. One
 * thread replaces a lost launcher, and only after the connection to it has ended.
 */
public final class LauncherSupervisor {
    private static final Logger LOG = Logger.getLogger(LauncherSupervisor.class);
    private static final int WAIT_SECONDS = 5;
    private static final int PAUSE_MILLIS = 1_000;

    private final LauncherProcess process;
    private final Executor threads;
    private final WatchedSlots watched;
    private volatile CompletableFuture<Launcher> current = new CompletableFuture<>();
    private volatile boolean closing;

    // guarded by this
    private int losses;

    /**
     * @param threads runs what may block
     * @param onExit told of the end of every slot, by {@code threads}
     */
    public LauncherSupervisor(
            LauncherProcess process, Executor threads, Consumer<Launcher.Exit> onExit) {
        this.process = process;
        this.threads = threads;
        this.watched = new WatchedSlots(threads, onExit);
    }

    /**
     * A slot that an earlier runtime left.
     *
     * @param note what that runtime noted about it; empty unless it was an instance
     * @param exit of one that ended while no runtime was there
     */
    public record Found(int slot, int pid, Optional<byte[]> note, Optional<Launcher.Exit> exit) {}

    /**
     * Finds the launcher of an earlier runtime that has instances, or starts one.
     *
     * @param mostNote bytes of a note; a longer one is none
     * @return the slots it has, and those that ended unseen; those that run and are not kept are to
     *     be killed
     */
    public List<Found> open(int mostNote) throws IOException {
        Optional<Launcher> earlier = process.findEarlier(watched);
        if (earlier.isPresent()) {
            try {
                List<Found> found = list(earlier.get(), mostNote);
                if (found.stream().anyMatch(f -> f.note().isPresent())) {
                    use(earlier.get());
                    return found;
                }
            } catch (IOException notWorking) {
                LOG.warnf("the launcher that was left does not work: %s", notWorking.getMessage());
            }
            earlier.get().close();
            watched.forgetAll();
        }
        if (process.endEarlier()) {
            LOG.info("ended the launcher that an earlier run left, with its sandboxes");
        }
        use(process.start(0, watched));
        return List.of();
    }

    private List<Found> list(Launcher launcher, int mostNote) throws IOException {
        List<Found> found = new ArrayList<>();
        for (Launcher.Found slot : launcher.list()) {
            watched.found(slot);
            found.add(
                    new Found(
                            slot.slot(),
                            slot.pid(),
                            read(slot.note(), mostNote),
                            Optional.empty()));
        }
        for (Launcher.Ended end : launcher.ends()) {
            found.add(
                    new Found(
                            end.exit().slot(),
                            0,
                            read(Optional.of(end.note()), mostNote),
                            Optional.of(end.exit())));
        }
        return found;
    }

    private static Optional<byte[]> read(Optional<Fd> note, int most) {
        if (note.isEmpty()) {
            return Optional.empty();
        }
        try (Fd memory = note.get()) {
            return Optional.of(memory.content(most));
        } catch (IOException tooLong) {
            return Optional.empty();
        }
    }

    // ---- what slots are made, run and ended with

    /** See {@link Launcher#prepare}; waits for a launcher while there is none. */
    public Launcher.Parked prepare(List<Fd> cgroupFiles) throws IOException {
        return working().prepare(cgroupFiles);
    }

    /** See {@link Launcher#hasUserNamespaces}. */
    public boolean hasUserNamespaces() throws IOException {
        return working().hasUserNamespaces();
    }

    /**
     * Sends a signal to a slot's init, which passes it to the command; SIGKILL ends them all. Needs
     * no launcher. A slot that has ended is passed over.
     */
    public void signal(int slot, int signal) {
        watched.signal(slot, signal);
    }

    /** Whether a slot has not ended. */
    public boolean watches(int slot) {
        return watched.has(slot);
    }

    /**
     * From now on the slot goes on when the launcher dies, and, once this note was {@link #hand
     * handed} over, when the runtime does. Costs nothing.
     */
    public void keep(int slot, Supplier<byte[]> note) {
        watched.note(slot, () -> Optional.of(note.get()));
    }

    /** Gives the launcher a kept slot's note; a slot that has ended is passed over. */
    public void hand(int slot) {
        watched.noted(slot).ifPresent(w -> send(slot, w));
    }

    /** The slot is being stopped: a runtime that comes now shall end it. Returns at once. */
    public void release(int slot) {
        if (watched.noted(slot).isPresent()) {
            watched.note(slot, Optional::empty);
            threads.execute(() -> hand(slot));
        }
    }

    /** May be overtaken by a later one on its way here, and then sends that one's note again. */
    private void send(int slot, WatchedSlots.Watched watchedSlot) {
        synchronized (watchedSlot) {
            try {
                Optional<Fd> note = watchedSlot.memory();
                try {
                    working().note(slot, note);
                } finally {
                    note.ifPresent(Fd::close);
                }
            } catch (IOException gone) {
                LOG.debugf("the next launcher is given the note: %s", gone.getMessage());
            }
        }
    }

    private Launcher working() throws IOException {
        try {
            return current.get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(
                    "the launcher died and no other could be started yet; try again, and see"
                            + " launcher.log when it goes on",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for a launcher", e);
        }
    }

    // ---- when the launcher dies

    /** How many launchers died; what was asked of one of them may be worth asking again. */
    public synchronized int losses() {
        return losses;
    }

    private void use(Launcher launcher) {
        current.complete(launcher);
        launcher.ended().thenRun(this::lost);
    }

    private synchronized void lost() {
        if (closing) {
            return;
        }
        watched.endUnkept();
        losses++; // after it, so that whoever starts from now on takes none of them
        current = new CompletableFuture<>();
        LOG.warn("the launcher died; starting another one");
        Thread.ofPlatform().daemon().name("launcher-replacement").start(this::replace);
    }

    private void replace() {
        while (!closing) {
            try {
                Launcher fresh = process.start(watched.newest(), watched);
                int adopted = watched.handOver(fresh);
                LOG.infof("a new launcher works and watches %d instances", adopted);
                use(fresh);
                return;
            } catch (IOException e) {
                LOG.errorf("no launcher could be started, trying again: %s", e.getMessage());
                pause();
            }
        }
        current.completeExceptionally(new IOException("the node agent is stopping"));
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Kills every sandbox and ends the launcher; false when that was not done in time. */
    public boolean shutdown(long seconds) throws IOException {
        closing = true;
        try (Launcher last = working()) {
            return last.shutdown(seconds);
        } finally {
            watched.forgetAll();
        }
    }
}
