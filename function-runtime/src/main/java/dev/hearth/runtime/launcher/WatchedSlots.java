package dev.hearth.runtime.launcher;

import dev.hearth.runtime.posix.Fd;
import dev.hearth.runtime.posix.PidFd;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The slots that have not ended, whichever launcher made them, each with a descriptor of its first
 * process: enough to signal them without a launcher and to hand them over to the next one.
 *
 * <p>Concurrency: slots come and go on the reading thread of the connection to the launcher, in the
 * order in which things happen; a launcher's successor is connected to after that thread has ended.
 */
final class WatchedSlots implements Launcher.Events {
    private static final Logger LOG = Logger.getLogger(WatchedSlots.class);
    private static final int SIGKILL = 9;

    private final Executor threads;
    private final Consumer<Launcher.Exit> onExit;
    private final ConcurrentHashMap<Integer, Watched> slots = new ConcurrentHashMap<>();
    private volatile int newest;

    /**
     * One of them.
     *
     * <p>Its note is empty until it is an instance, and has no content from when that is stopped.
     */
    static final class Watched {
        private final int pid;
        private final PidFd pidfd;
        private volatile @Nullable Supplier<Optional<byte[]>> note;

        Watched(int pid, PidFd pidfd) {
            this.pid = pid;
            this.pidfd = pidfd;
        }

        /** The memory file that the launcher shall have now. */
        Optional<Fd> memory() throws IOException {
            Supplier<Optional<byte[]>> known = note;
            Optional<byte[]> content = known == null ? Optional.empty() : known.get();
            return content.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Fd.memory("hearth-note", content.get()));
        }
    }

    WatchedSlots(Executor threads, Consumer<Launcher.Exit> onExit) {
        this.threads = threads;
        this.onExit = onExit;
    }

    @Override
    public void parked(int slot, int pid, PidFd pidfd) {
        newest = slot;
        slots.put(slot, new Watched(pid, pidfd));
    }

    /** One that an earlier runtime left. */
    void found(Launcher.Found found) {
        newest = Integer.compareUnsigned(found.slot(), newest) > 0 ? found.slot() : newest;
        slots.put(found.slot(), new Watched(found.pid(), found.pidfd()));
    }

    @Override
    public void exited(Launcher.Exit exit) {
        Watched known = slots.remove(exit.slot());
        if (known != null) {
            known.pidfd.close();
        }
        threads.execute(() -> onExit.accept(exit));
    }

    /** The newest number, which must not come again; 0 when there was none. */
    int newest() {
        return newest;
    }

    boolean has(int slot) {
        return slots.containsKey(slot);
    }

    /** Sends a signal; a slot that has ended is passed over. */
    void signal(int slot, int signal) {
        Watched known = slots.get(slot);
        if (known != null) {
            known.pidfd.signal(signal);
        }
    }

    /** Sets a slot's note; one that has ended is passed over. */
    void note(int slot, Supplier<Optional<byte[]>> note) {
        Watched known = slots.get(slot);
        if (known != null) {
            known.note = note;
        }
    }

    /** A slot that is an instance. */
    Optional<Watched> noted(int slot) {
        return Optional.ofNullable(slots.get(slot)).filter(w -> w.note != null);
    }

    /**
     * Ends parked and half-started slots: nobody is left who could tell what becomes of them.
     * Nobody takes one of them for alive once this returned.
     */
    void endUnkept() {
        slots.forEach(
                (slot, w) -> {
                    if (w.note == null) {
                        end(slot, w);
                    }
                });
    }

    private void end(int slot, Watched w) {
        w.pidfd.signal(SIGKILL);
        exited(new Launcher.Exit(slot, SIGKILL, true));
    }

    /**
     * Gives a new launcher what runs; throws IOException when it is gone again.
     *
     * @return how many
     */
    int handOver(Launcher fresh) throws IOException {
        int adopted = 0;
        for (int slot : List.copyOf(slots.keySet())) {
            Watched w = slots.get(slot);
            if (w == null) {
                continue; // ended since: an earlier attempt's launcher told so
            }
            Optional<Fd> note = w.memory();
            try {
                fresh.adopt(slot, w.pid, w.pidfd, note);
                adopted++;
            } catch (LauncherFailure refused) {
                LOG.errorf(
                        "slot %d cannot be watched and is ended: %s", slot, refused.getMessage());
                end(slot, w);
            } finally {
                note.ifPresent(Fd::close);
            }
        }
        return adopted;
    }

    /** Lets go of all of them, without ending them. */
    void forgetAll() {
        slots.values().forEach(w -> w.pidfd.close());
        slots.clear();
    }
}
