package dev.hearth.autoscaler.decide;

import dev.hearth.contracts.IdleCpu;
import dev.hearth.contracts.Warmth;

/**
 * The rung of the warm ladder that a revision's instances stand on while no request is in them. How
 * long they are kept at all is {@link Rest}'s question.
 */
final class Rung {
    /** Full CPU for so long, for what an instance does when it has answered. */
    static final long FULL_CPU_MILLIS = 2_000;

    /**
     * Frozen after so long: what a request leaves to be sent is out by then (OpenTelemetry's batch
     * processors send after 5 s), and the gateway has closed its kept connections, so that none is
     * there that the container would close as too old the moment it is thawed.
     */
    static final long FREEZE_MILLIS = 10_000;

    /**
     * Paged after so long: what was not touched for five minutes is cheaper off memory (Gray and
     * Putzolu, "The 5 minute rule", SIGMOD 1987; for compressed memory it would be less).
     */
    static final long PAGE_MILLIS = 300_000;

    /** Memory comes back so fast, page by page, from compressed memory or a good disk. */
    private static final double PAGE_IN_BYTES_PER_MILLI = 256e6 / 1000;

    private Rung() {}

    static Warmth of(long idleMillis, Cost cost, Spec spec) {
        IdleCpu least = spec.rules().idleCpu();
        if (least == IdleCpu.FULL || idleMillis < FULL_CPU_MILLIS) {
            return Warmth.READY;
        }
        if (least == IdleCpu.SLIVER || idleMillis < FREEZE_MILLIS) {
            return Warmth.IDLE;
        }
        return idleMillis >= PAGE_MILLIS && isWorthPaging(cost) ? Warmth.PAGED : Warmth.FROZEN;
    }

    /** Coming back has to be much quicker than starting, or stopping it would be as good. */
    private static boolean isWorthPaging(Cost cost) {
        return cost.memoryBytes() / PAGE_IN_BYTES_PER_MILLI * 2 < cost.startMillis();
    }

    /** For people, after "an instance without requests …"; empty for one that runs. */
    static String why(Warmth warmth) {
        return switch (warmth) {
            case READY, IDLE -> "";
            case FROZEN -> "frozen: zero CPU until the next request";
            case PAGED ->
                    "frozen, and its memory in swap where there is any, since a start takes longer"
                            + " than to fetch it back";
        };
    }
}
