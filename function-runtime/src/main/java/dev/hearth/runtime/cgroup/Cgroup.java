package dev.hearth.runtime.cgroup;

import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** One sandbox's control group, in every hierarchy there is. */
public interface Cgroup {
    /** Its name below our parent. */
    String name();

    /**
     * What the launcher needs to put a process in: on version 1 the {@code tasks} files to which
     * the process itself writes "0", on version 2 the one directory that it is cloned into.
     */
    List<Path> joinFiles();

    /** Bounds memory (swap included) and the number of processes; the CPU stays unbounded. */
    void limit(DataSize memory, int processes) throws IOException;

    /**
     * Bounds CPU time per 100 ms period; empty takes the bound away. Up to one more quota that was
     * left unused earlier may be used at once, where the kernel can burst (Linux 5.14).
     *
     * @param share of a busy machine that it has, in proportion to others'
     */
    void setCpu(Optional<Cpu> quota, Cpu share) throws IOException;

    /** What it used, and how often it had to wait. */
    CpuStatistics cpuStatistics();

    /** Bytes in use now, 0 when unknown. */
    long memoryInUse();

    /** The most bytes in use so far, 0 when the kernel does not tell (version 2 before 5.19). */
    long memoryPeak();

    /** How many processes the kernel killed at the memory bound. */
    long oomKills();

    /** Processes in it now. */
    List<Integer> processes();

    /** Whether this machine can {@link #freeze}. */
    boolean canFreeze();

    /**
     * Stops all its processes where they are, without their knowledge; returns when they stand.
     *
     * @param wanted asked while that takes long; once it says no, all go on running
     * @return whether they stand
     * @throws IOException when one of them does not within a second; then all go on running
     */
    boolean freeze(BooleanSupplier wanted) throws IOException;

    /** As above, whatever happens meanwhile. */
    default void freeze() throws IOException {
        freeze(() -> true);
    }

    /** Whether all its processes stand. */
    boolean isFrozen();

    /** Lets them go on; does nothing when they were not frozen. */
    void thaw() throws IOException;

    /**
     * Pushes up to so many bytes of its memory out to swap, and unchanged file contents out of
     * memory. For a group that is frozen: one that runs would fetch them back.
     *
     * @return whether that many went; false when there was less that could go
     */
    boolean pageOut(long bytes) throws IOException;

    /** No more of it goes to swap; what is there comes back as it is touched. */
    void endPaging() throws IOException;

    /**
     * Kills all its processes, those too that are being forked meanwhile, frozen or not; returns
     * when none is left.
     *
     * @throws IOException when one is still there after two seconds
     */
    void kill() throws IOException;

    /**
     * Removes it, waiting a short while for its last processes to be gone.
     *
     * @throws IOException when they are still there
     */
    void remove() throws IOException;
}
