package dev.hearth.runtime.cgroup;

import java.nio.file.Path;

/** The machine's swap space: on a disk, or compressed in memory (zram). */
public final class Swap {
    private static final Path MEMORY = Path.of("/proc/meminfo");

    private Swap() {}

    /** Bytes that could be pushed out to it now; 0 without swap. */
    public static long freeBytes() {
        return ControlFile.kibibytes(MEMORY, "SwapFree") * 1024;
    }
}
