package dev.hearth.contracts;

/** Kafka topics, and the version of the messages on them. */
public final class Topics {
    /** {@link DemandSample}s, keyed by revision. */
    public static final String DEMAND = "hearth.demand";

    /** {@link Decision}s, keyed by revision. */
    public static final String DECISIONS = "hearth.decisions";

    /** {@link InstanceReport}s, keyed by revision and instance; the newest of each is kept. */
    public static final String INSTANCES = "hearth.instances";

    /** {@link UsageRecord}s, keyed by project. */
    public static final String USAGE = "hearth.usage";

    /** {@link BudgetAlert}s, keyed by project. */
    public static final String ALERTS = "hearth.alerts";

    /** What a reader could not read, as it came, with the reason in a header. */
    public static final String DEAD_LETTERS = "hearth.dead-letters";

    /** Raised when a message changes in a way that an older reader would misunderstand. */
    public static final int SCHEMA = 1;

    private Topics() {}
}
