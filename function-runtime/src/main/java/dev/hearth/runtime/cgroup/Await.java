package dev.hearth.runtime.cgroup;

import java.util.function.BooleanSupplier;

/** Waiting for the kernel to finish what a control file set off, which no call waits for. */
final class Await {
    private Await() {}

    /** False when the condition is not met after {@code millis}, or the thread is interrupted. */
    static boolean until(BooleanSupplier condition, int millis) {
        for (int waited = 0; !condition.getAsBoolean(); waited++) {
            if (waited >= millis) {
                return false;
            }
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }
}
