package dev.hearth.bench.churn;

/**
 * One thing that must not grow, and how much of a difference is noise. What belongs to the platform
 * alone is exact or nearly so; what the whole machine shares may differ by what others on it do,
 * and is allowed a fraction of the cycles: a leak of one a cycle, or of one in fifty, still shows.
 */
public enum Measure {
    MOUNTS("host mounts of the platform", 0, true),
    CGROUPS("cgroups of the platform", 0, true),
    LINKS("network links of the platform", 0, true),
    RULES("lines of its firewall table", 0, true),
    PROCESSES("processes below JVM and launcher", 0, true),
    LAUNCHER_FILES("open files of the launcher", 0, true),
    /** Connections to clients and instances that are kept alive come and go. */
    JVM_FILES("open files of the JVM", 24, true),
    /** Pools of threads grow and shrink with the load. */
    JVM_THREADS("threads of the JVM", 12, true),
    /** Its own allocations are a few pages. */
    LAUNCHER_KIB("memory of the launcher, KiB", 512, true),
    /** After a full collection; code that was compiled meanwhile has data there too. */
    JVM_HEAP_KIB("used heap of the JVM, KiB", 16 << 10, true),
    /** The newest 50 logs of a service stay; the warm-up has filled them up. */
    FILES("files in run and logs", 8, true),
    DISK_KIB("disk of run and logs, KiB", 1 << 10, true),
    /** Heap pages, compiled code and buffers; the heap itself is looked at above. */
    JVM_KIB("memory of the JVM, KiB", 96 << 10, true),
    /** Demand samples and write-ahead log: bounded by their own retention, not by this test. */
    STATE_KIB("disk of database, broker, platform log, KiB", 96 << 10, true),

    ALL_CGROUPS("memory cgroups, dying ones too", 0, false),
    ALL_MOUNTS("mounts in all namespaces (slab)", 0, false),
    ALL_NETWORKS("network namespaces (slab)", 0, false),
    ALL_PIDS("pid namespaces (slab)", 0, false),
    UNRECLAIMABLE_KIB("kernel memory (SUnreclaim), KiB", 48 << 10, false),
    PERCPU_KIB("kernel memory (Percpu), KiB", 4 << 10, false),
    TAKEN_KIB("memory not available, KiB", 128 << 10, false);

    private static final long LEAST_SHARED_NOISE = 64;
    private static final long CYCLES_FOR_ONE = 50;

    private final String words;
    private final long noise;
    private final boolean own;

    Measure(String words, long noise, boolean own) {
        this.words = words;
        this.noise = noise;
        this.own = own;
    }

    String words() {
        return words;
    }

    /** Whether only this platform can change it. */
    public boolean isOwn() {
        return own;
    }

    /** What it may differ by after so many cycles. */
    long noise(long cycles) {
        return own || noise > 0 ? noise : Math.max(LEAST_SHARED_NOISE, cycles / CYCLES_FOR_ONE);
    }
}
