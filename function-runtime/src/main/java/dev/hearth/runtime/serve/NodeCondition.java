package dev.hearth.runtime.serve;

/** What placing an instance depends on, of this node at this moment. */
public interface NodeCondition {
    /** Of the machine, in bytes. */
    long memoryBytes();

    /** Of that, what could be had without swapping (MemAvailable). */
    long freeMemoryBytes();

    /** Sandbox shells that wait for an instance. */
    int freeSlots();

    /** Thousandths of a core. */
    int cpuMillis();

    /** Of that, what is granted to no instance; below 0 when more is granted than there is. */
    int freeCpuMillis();
}
