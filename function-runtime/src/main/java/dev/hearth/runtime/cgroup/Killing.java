package dev.hearth.runtime.cgroup;

import dev.hearth.runtime.posix.Host;
import java.io.IOException;
import java.util.List;

/** The end of all of a group's processes. */
final class Killing {
    private static final int SIGKILL = 9;
    private static final int GONE_MILLIS = 2_000;

    private Killing() {}

    /**
     * For kernels that cannot kill a group as one. Frozen first, so that none can fork away from
     * the list; the signal waits until they thaw. A group that cannot be frozen gets the signal
     * again and again until none is left.
     */
    static void oneByOne(Cgroup group) throws IOException {
        try {
            group.freeze();
            signalAll(group);
        } catch (IOException running) {
            signalAll(group);
        } finally {
            group.thaw();
        }
        awaitEmpty(group);
    }

    private static List<Integer> signalAll(Cgroup group) {
        List<Integer> left = group.processes();
        left.forEach(pid -> Host.signal(pid, SIGKILL));
        return left;
    }

    /** Waits until none is left; whatever still shows up is killed again. */
    static void awaitEmpty(Cgroup group) throws IOException {
        if (!Await.until(() -> signalAll(group).isEmpty(), GONE_MILLIS)) {
            throw new IOException(
                    "processes "
                            + group.processes()
                            + " are still there 2 s after SIGKILL; they hang in the kernel (ps"
                            + " shows state D), most often on a disk or a network file system");
        }
    }
}
