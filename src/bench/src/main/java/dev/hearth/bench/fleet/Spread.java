package dev.hearth.bench.fleet;

import java.util.Collection;

/** How evenly something lies on nodes. */
record Spread(double mean, double most) {
    static Spread of(Collection<? extends Number> values) {
        double mean = values.stream().mapToDouble(Number::doubleValue).average().orElse(0);
        return new Spread(mean, values.stream().mapToDouble(Number::doubleValue).max().orElse(0));
    }

    /** The fullest against the average one: 1 when all have the same. */
    double imbalance() {
        return mean == 0 ? 1 : most / mean;
    }
}
