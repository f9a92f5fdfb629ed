package dev.hearth.runtime.cgroup;

import java.io.IOException;
import java.util.function.BooleanSupplier;

/** Waiting for a freezer, which stops processes one by one while the writer goes on. */
final class Freezing {
    private static final int FROZEN_MILLIS = 1_000;

    private Freezing() {}

    /**
     * Returns true when {@code frozen} holds in time; else the group is thawed again, and it is
     * false if that is because it is no longer wanted.
     */
    static boolean await(Cgroup group, BooleanSupplier frozen, BooleanSupplier wanted, String name)
            throws IOException {
        boolean over =
                Await.until(() -> frozen.getAsBoolean() || !wanted.getAsBoolean(), FROZEN_MILLIS);
        if (over && wanted.getAsBoolean()) {
            return true;
        }
        group.thaw();
        if (over) {
            return false;
        }
        throw new IOException(
                "freezing "
                        + name
                        + " took longer than a second, so it runs again; one of its processes"
                        + " hangs in the kernel (ps shows state D)");
    }
}
