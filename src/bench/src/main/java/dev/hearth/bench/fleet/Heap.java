package dev.hearth.bench.fleet;

/** The heap of this JVM. */
final class Heap {
    private static final int COLLECTIONS = 3;

    private Heap() {}

    /** Bytes in use when the garbage is gone; {@code kept} is what has to be there still. */
    static long used(Object... kept) {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        long used = runtime.totalMemory() - runtime.freeMemory();
        for (Object one : kept) {
            java.lang.ref.Reference.reachabilityFence(one);
        }
        return used;
    }
}
