package dev.hearth.runtime.net;

import dev.hearth.contracts.Clock;
import dev.hearth.runtime.posix.Host;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Links whose instance ended. The kernel takes a link apart together with its network namespace, on
 * a thread of its own and many at a time; asking for it by RTM_DELLINK would wait for all CPUs
 * (RCU, some 20 ms on Linux 6.18) once for each link, under the lock that every new link needs too.
 * So this only watches them go, and gives their addresses back then.
 *
 * <p>Bounded: when {@link #MOST} are on their way out, new links wait, so that making sandboxes
 * cannot outrun taking them apart.
 *
 * <p>Concurrency: guarded by its monitor; one thread watches, and ends when it has nothing to
 * watch.
 */
final class LeavingLinks implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(LeavingLinks.class);

    static final int MOST = 1024;

    private static final long LOOK_MILLIS = 20;
    private static final long ROOM_NANOS = 10_000_000_000L;

    /** A namespace that lives this long after its first process is held by somebody. */
    private static final long PATIENCE_NANOS = 5_000_000_000L;

    /** What is done with a link. */
    interface Removal {
        /** Deletes it, however long that takes. */
        void delete(InstanceNetwork.Link link) throws IOException;

        /** It is no more. */
        void gone(InstanceNetwork.Link link);
    }

    private record Leaving(InstanceNetwork.Link link, long sinceNanos) {}

    private final Removal removal;
    private final Clock clock;
    private final List<Leaving> leaving = new ArrayList<>();
    private boolean watching;

    LeavingLinks(Removal removal, Clock clock) {
        this.removal = removal;
        this.clock = clock;
    }

    /** Watches a link whose namespace has ended or is about to. */
    synchronized void add(InstanceNetwork.Link link) {
        leaving.add(new Leaving(link, clock.nanos()));
        if (!watching) {
            watching = true;
            Thread.ofVirtual().name("leaving-links").start(this::watch);
        }
    }

    /** Waits while too many are leaving; throws IOException when that does not change. */
    synchronized void awaitRoom() throws IOException {
        if (!await(MOST - 1, ROOM_NANOS)) {
            throw new IOException(
                    leaving.size()
                            + " network namespaces of ended instances are still being taken apart;"
                            + " try again later");
        }
    }

    /** Waits until at most {@code most} are left; false when it takes too long. */
    private synchronized boolean await(int most, long nanos) throws IOException {
        long begun = clock.nanos();
        while (leaving.size() > most) {
            long left = nanos - (clock.nanos() - begun);
            if (left <= 0) {
                return false;
            }
            try {
                wait(left / 1_000_000 + 1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while links were leaving", e);
            }
        }
        return true;
    }

    private void watch() {
        while (true) {
            for (Leaving one : overdue()) {
                delete(one.link());
            }
            synchronized (this) {
                collect();
                if (leaving.isEmpty()) {
                    watching = false;
                    return;
                }
                try {
                    wait(LOOK_MILLIS);
                } catch (InterruptedException e) {
                    watching = false;
                    return;
                }
            }
        }
    }

    private synchronized List<Leaving> overdue() {
        long now = clock.nanos();
        return leaving.stream().filter(l -> now - l.sinceNanos() > PATIENCE_NANOS).toList();
    }

    private void delete(InstanceNetwork.Link link) {
        try {
            removal.delete(link);
        } catch (IOException e) {
            LOG.warnf("an ended instance's link stays for now: %s", e.getMessage());
        }
    }

    private void collect() {
        for (Iterator<Leaving> all = leaving.iterator(); all.hasNext(); ) {
            Leaving one = all.next();
            if (Host.interfaceIndex(one.link().name()) == 0) {
                all.remove();
                removal.gone(one.link());
                notifyAll();
            }
        }
    }

    /** Waits a moment for the kernel, which does it in one go; what is left then is not watched. */
    @Override
    public void close() throws IOException {
        await(0, PATIENCE_NANOS);
        synchronized (this) {
            leaving.clear();
        }
    }
}
