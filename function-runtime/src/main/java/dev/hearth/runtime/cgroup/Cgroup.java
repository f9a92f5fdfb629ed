package dev.hearth.runtime.cgroup;

import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One sandbox's control group, in every hierarchy there is. */
public interface Cgroup {
    /** Its name below our parent. */
    String name();

    /** The files a process writes "0" to, to join. */
    List<Path> joinFiles();

    /** Bounds memory (swap included) and the number of processes; the CPU stays unbounded. */
    void limit(DataSize memory, int processes) throws IOException;

    /** Bounds CPU time per 100 ms period; empty takes the bound away. */
    void setCpu(Optional<Cpu> quota) throws IOException;

    /** Bytes in use now, 0 when unknown. */
    long memoryInUse();

    /** The most bytes in use so far, 0 when the kernel does not tell. */
    long memoryPeak();

    /** How many processes the kernel killed at the memory bound. */
    long oomKills();

    /** Processes in it now. */
    List<Integer> processes();

    /**
     * Removes it, waiting a short while for its last processes to be gone.
     *
     * @throws IOException when they are still there
     */
    void remove() throws IOException;
}
