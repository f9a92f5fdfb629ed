package dev.hearth.runtime.cgroup;

import java.io.IOException;
import java.util.function.BooleanSupplier;

/** Waiting for a freezer, which stops processes one by one while the writer goes on. */
final class Freezing {
    private static final int FROZEN_MILLIS = 1_000;

    private Freezing() {}

    /** Returns when {@code frozen} holds; in time, or after thawing the group again. */
    static void await(Cgroup group, BooleanSupplier frozen, String name) throws IOException {
        if (Await.until(frozen, FROZEN_MILLIS)) {
            return;
        }
        group.thaw();
        throw new IOException(
                "freezing "
                        + name
                        + " took longer than a second, so it runs again; one of its processes"
                        + " hangs in the kernel (ps shows state D)");
    }
}
