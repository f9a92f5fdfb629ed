package dev.hearth.runtime.instance;

import java.util.ArrayList;
import java.util.List;

/**
 * How the node's CPU is granted. What an instance was deployed with it always gets, however many
 * there are: weights settle that. What more is asked for comes from what is left then; when it is
 * not enough for all, each gets the same part of what it asks, so that none is slow while its like
 * is quick. (Two cores, three instances with 250m that ask for 1000m: 1250m are left for 2250m, so
 * each gets 250 + 750 × 5/9 = 666.)
 */
final class CpuGrants {
    /** A quota is not worth writing again for less than a twentieth of it. */
    private static final int WORTH_PERCENT = 5;

    private CpuGrants() {}

    /**
     * Of one instance, in thousandths of a core.
     *
     * @param own what it was deployed with
     * @param asked the quota that is wanted for it now
     */
    record Claim(int own, int asked) {
        int base() {
            return Math.min(own, asked);
        }

        int extra() {
            return asked - base();
        }
    }

    /**
     * What each claim gets, in their order.
     *
     * @param cores of the node, in thousandths
     */
    static List<Integer> of(int cores, List<Claim> claims) {
        long bases = claims.stream().mapToLong(Claim::base).sum();
        long extras = claims.stream().mapToLong(Claim::extra).sum();
        long left = Math.clamp(cores - bases, 0, extras);
        List<Integer> granted = new ArrayList<>();
        for (Claim claim : claims) {
            long extra = extras == 0 ? 0 : claim.extra() * left / extras;
            granted.add(claim.base() + (int) extra);
        }
        return granted;
    }

    /** Whether a grant differs from the one before by enough to be written. */
    static boolean isWorthWriting(int before, int after) {
        return Math.abs(after - before) * 100L > (long) before * WORTH_PERCENT;
    }
}
