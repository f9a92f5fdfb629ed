package dev.hearth.contracts;

/**
 * What one instance may use, and what of its time is paid for.
 *
 * @param cpu that it has whenever requests are in it, and that is paid for
 * @param cpuLimit that it may have beyond that while the node has it to spare; {@code cpu} for none
 * @param memory at most
 */
public record Resources(Cpu cpu, Cpu cpuLimit, DataSize memory, Billing billing) {
    /**
     * The least memory an instance is given: the page tables, the kernel's share of a new process
     * and our init need about 1 MiB (measured on Linux 6.18), the rest is for the container.
     */
    public static final DataSize LEAST_MEMORY = DataSize.mebibytes(8);

    /** Throws INVALID {@code invalid-memory} below {@link #LEAST_MEMORY}, {@code invalid-cpu}. */
    public Resources {
        if (cpuLimit.millis() < cpu.millis()) {
            throw HearthException.invalid(
                    "invalid-cpu",
                    "a cpu limit of " + cpuLimit + " is below the cpu of " + cpu + " itself");
        }
        if (memory.compareTo(LEAST_MEMORY) < 0) {
            throw HearthException.invalid(
                    "invalid-memory",
                    "memory of "
                            + memory
                            + " is below what the kernel needs to start a container; ask for at"
                            + " least "
                            + LEAST_MEMORY);
        }
    }

    /** Billed by requests. */
    public Resources(Cpu cpu, Cpu cpuLimit, DataSize memory) {
        this(cpu, cpuLimit, memory, Billing.REQUEST);
    }

    /** As much CPU as it has, and no more. */
    public Resources(Cpu cpu, DataSize memory) {
        this(cpu, cpu, memory);
    }

    /** The same, paid for in another way. */
    public Resources with(Billing other) {
        return new Resources(cpu, cpuLimit, memory, other);
    }
}
