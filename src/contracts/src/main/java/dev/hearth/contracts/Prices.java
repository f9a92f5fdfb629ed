package dev.hearth.contracts;

import java.math.BigDecimal;

/**
 * What usage costs; the operator's own, in whatever currency.
 *
 * @param vcpuSecond a CPU for a second
 * @param gibSecond 2^30 bytes of memory for a second
 * @param millionRequests a million of them
 * @param egressGib 2^30 bytes that were answered
 * @param idle of idle instances of a minimum, where requests are billed
 * @param instance of instances that are billed for their whole lives
 */
public record Prices(
        double vcpuSecond,
        double gibSecond,
        double millionRequests,
        double egressGib,
        Time idle,
        Time instance) {
    /**
     * Cloud Run's list prices in dollars, first tier, as of 2026, with the free tier off
     * (cloud.google.com/run/pricing).
     */
    public static final Prices LIST =
            new Prices(
                    0.000_024,
                    0.000_002_5,
                    0.40,
                    0,
                    new Time(0.000_002_5, 0.000_002_5),
                    new Time(0.000_018, 0.000_002));

    private static final BigDecimal GIB = BigDecimal.valueOf(1 << 30);

    /** Of a second. */
    public record Time(double vcpuSecond, double gibSecond) {
        /** Throws INVALID {@code invalid-prices} for one that is negative or no number. */
        public Time {
            check(vcpuSecond);
            check(gibSecond);
        }

        private BigDecimal cost(UsagePort.Time used) {
            return used.vcpuSeconds()
                    .multiply(BigDecimal.valueOf(vcpuSecond))
                    .add(used.gibSeconds().multiply(BigDecimal.valueOf(gibSecond)));
        }
    }

    /** Throws INVALID {@code invalid-prices} for one that is negative or no number. */
    public Prices {
        check(vcpuSecond);
        check(gibSecond);
        check(millionRequests);
        check(egressGib);
    }

    private static void check(double price) {
        if (!(price >= 0 && price < 1e9)) {
            throw HearthException.invalid(
                    "invalid-prices", "a price of " + price + " is not a number from 0 on");
        }
    }

    /** What so much costs together where requests are billed, with no idle minimum. */
    public double cost(double vcpuSeconds, double gibSeconds, long requests, long egressBytes) {
        return vcpuSeconds * vcpuSecond
                + gibSeconds * gibSecond
                + requests * millionRequests / 1_000_000
                + egressBytes / GIB.doubleValue() * egressGib;
    }

    /** What is on a line costs: exactly, so that parts add up to their whole in any order. */
    public BigDecimal cost(UsagePort.Used used) {
        BigDecimal octets =
                BigDecimal.valueOf(used.egressBytes())
                        .multiply(BigDecimal.valueOf(egressGib))
                        .divide(GIB); // by a power of two, so it comes out even
        return switch (used.billing()) {
            case INSTANCE -> instance.cost(used.billed()).add(octets);
            case REQUEST ->
                    new Time(vcpuSecond, gibSecond)
                            .cost(used.billed())
                            .add(idle.cost(used.idle()))
                            .add(requests(used.requests()))
                            .add(octets);
        };
    }

    private BigDecimal requests(long count) {
        return BigDecimal.valueOf(millionRequests)
                .multiply(BigDecimal.valueOf(count))
                .movePointLeft(6);
    }
}
