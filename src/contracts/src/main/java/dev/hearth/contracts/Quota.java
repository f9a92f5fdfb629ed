package dev.hearth.contracts;

/**
 * The most that a project may have; 0 for no limit.
 *
 * @param instances that run at a time, of all its services together, and tasks of its jobs
 * @param cpuMillis that they were deployed with, together
 * @param memoryBytes that they may use, together
 * @param storageBytes of its repositories in the platform's registry, as {@link
 *     ImageAdminPort#registryBytes} counts
 */
public record Quota(
        int services, int instances, long cpuMillis, long memoryBytes, long storageBytes) {
    public static final Quota NONE = new Quota(0, 0, 0, 0, 0);

    /** Throws INVALID {@code invalid-quota}. */
    public Quota {
        if (services < 0 || instances < 0 || cpuMillis < 0 || memoryBytes < 0 || storageBytes < 0) {
            throw HearthException.invalid("invalid-quota", "a quota is not less than 0");
        }
    }

    /** Whether it is about instances at all. */
    public boolean limitsInstances() {
        return instances > 0 || cpuMillis > 0 || memoryBytes > 0;
    }
}
