package dev.hearth.contracts;

/** What one instance may use at most. */
public record Resources(Cpu cpu, DataSize memory) {
    /**
     * The least memory an instance is given: the page tables, the kernel's share of a new process
     * and our init need about 1 MiB (measured on Linux 6.18), the rest is for the container.
     */
    public static final DataSize LEAST_MEMORY = DataSize.mebibytes(8);

    /** Throws INVALID {@code invalid-memory} below {@link #LEAST_MEMORY}. */
    public Resources {
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
}
