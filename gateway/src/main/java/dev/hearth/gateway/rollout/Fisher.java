package dev.hearth.gateway.rollout;

/**
 * Whether one share is larger than another by more than chance: Fisher's exact test of a two by two
 * table, one-sided (R. A. Fisher, "The Logic of Inductive Inference", 1935; NIST/SEMATECH
 * e-Handbook of Statistical Methods, section 7.3.3). Exact for few requests too, unlike the usual
 * approximation of a two-proportion test by the normal distribution.
 */
final class Fisher {
    /** Of the series of Stirling; below it the logarithm is summed up. */
    private static final int SMALL = 32;

    private Fisher() {}

    /**
     * The chance of so many hits among the new ones, or more, when both are alike and only chance
     * says which of all hits are theirs (the hypergeometric distribution's tail). Worked: 3 of 3
     * beside 0 of 7 are one of 120 ways to choose 3 of 10, 0.0083.
     */
    static double chance(long oldHits, long old, long newHits, long fresh) {
        long hits = oldHits + newHits;
        long all = old + fresh;
        long most = Math.min(hits, fresh);
        double chance = 0;
        for (long k = newHits; k <= most; k++) {
            double term = Math.exp(choose(fresh, k) + choose(old, hits - k) - choose(all, hits));
            chance += term;
            if (term < chance * 1e-12) {
                break; // those that follow are smaller yet
            }
        }
        return Math.min(1, chance);
    }

    /** The logarithm of the number of ways to choose k of n; of none, when there is no way. */
    private static double choose(long n, long k) {
        return k < 0 || k > n
                ? Double.NEGATIVE_INFINITY
                : factorial(n) - factorial(k) - factorial(n - k);
    }

    /** The logarithm of n!; by Stirling's series its error is below 1e-10 from 32 on. */
    private static double factorial(long n) {
        if (n < SMALL) {
            double sum = 0;
            for (long i = 2; i <= n; i++) {
                sum += Math.log(i);
            }
            return sum;
        }
        double x = n;
        return x * Math.log(x)
                - x
                + 0.5 * Math.log(2 * Math.PI * x)
                + 1 / (12 * x)
                - 1 / (360 * x * x * x);
    }
}
