package dev.hearth.contracts;

/** Cloud Run's list prices of request-based billing in dollars, first tier (November 2026). */
public final class ListPrices {
    public static final double PER_VCPU_SECOND = 0.000_024;
    public static final double PER_GIB_SECOND = 0.000_002_5;
    public static final double PER_REQUEST = 0.40 / 1_000_000;

    private ListPrices() {}
}
