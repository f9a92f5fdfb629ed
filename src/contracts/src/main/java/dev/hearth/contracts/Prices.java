package dev.hearth.contracts;

/**
 * What usage costs; the operator's own, in whatever currency.
 *
 * @param vcpuSecond a CPU for a second
 * @param gibSecond 2^30 bytes of memory for a second
 * @param millionRequests a million of them
 * @param egressGib 2^30 bytes that were answered
 */
public record Prices(
        double vcpuSecond, double gibSecond, double millionRequests, double egressGib) {
    /** Cloud Run's list prices of request-based billing in dollars, first tier, as of 2026. */
    public static final Prices LIST = new Prices(0.000_024, 0.000_002_5, 0.40, 0);

    private static final double GIB = 1 << 30;

    /** Throws INVALID {@code invalid-prices} for one that is negative or no number. */
    public Prices {
        for (double price : new double[] {vcpuSecond, gibSecond, millionRequests, egressGib}) {
            if (!(price >= 0 && price < 1e9)) {
                throw HearthException.invalid(
                        "invalid-prices", "a price of " + price + " is not a number from 0 on");
            }
        }
    }

    /** What so much costs together. */
    public double cost(double vcpuSeconds, double gibSeconds, long requests, long egressBytes) {
        return vcpuSeconds * vcpuSecond
                + gibSeconds * gibSecond
                + requests * millionRequests / 1_000_000
                + egressBytes / GIB * egressGib;
    }
}
