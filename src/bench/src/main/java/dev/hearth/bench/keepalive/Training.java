package dev.hearth.bench.keepalive;

import dev.hearth.autoscaler.keepalive.KeepAlive;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Finds the parameters of {@link KeepAlive} on one half of a trace, to be held against the other.
 */
final class Training {
    private static final List<Double> TRUSTS = List.of(4.0, 8.0, 16.0);
    private static final List<Double> EXACT_TRUSTS = List.of(16.0, 32.0, 64.0);
    private static final List<Double> LIKE_TRUSTS = List.of(4.0, 8.0, 16.0);
    private static final List<Double> SCALES = List.of(0.2, 0.4);
    private static final List<Double> POWERS = List.of(0.8, 1.0);

    /** Fewer cold starts than are allowed, because the other half is another one. */
    private static final double MARGIN = 0.95;

    private static final double CHEAPEST = 1;
    private static final double STEP = 1.02;
    private static final int STEPS = 400;

    private Training() {}

    /**
     * The parameters that waste least with no more cold starts than {@code allowed}, less a margin.
     */
    static KeepAlive on(List<Recorded> half, int minutes, int allowed) {
        List<Found> found = new ArrayList<>();
        for (KeepAlive shape : shapes()) {
            found.add(cheapest(half, minutes, allowed * MARGIN, shape));
        }
        return found.stream()
                .min(Comparator.comparingDouble(f -> f.replay.wastedGibHours()))
                .orElseThrow()
                .policy;
    }

    private static List<KeepAlive> shapes() {
        List<KeepAlive> shapes = new ArrayList<>();
        for (double trust : TRUSTS) {
            for (double exact : EXACT_TRUSTS) {
                for (double like : LIKE_TRUSTS) {
                    for (double scale : SCALES) {
                        for (double power : POWERS) {
                            shapes.add(new KeepAlive(CHEAPEST, trust, exact, like, scale, power));
                        }
                    }
                }
            }
        }
        return shapes;
    }

    private record Found(KeepAlive policy, Replay replay) {}

    /** The lowest price at which there are few enough: a higher one keeps more, and longer. */
    private static Found cheapest(
            List<Recorded> half, int minutes, double allowed, KeepAlive shape) {
        int low = 0;
        int high = STEPS;
        while (low < high) {
            int middle = (low + high) / 2;
            if (at(half, minutes, middle, shape).replay.coldStarts() <= allowed) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return at(half, minutes, low, shape);
    }

    private static Found at(List<Recorded> half, int minutes, int step, KeepAlive shape) {
        KeepAlive policy = shape.forStart(Math.pow(STEP, step)); // which multiplies the price
        return new Found(policy, Replay.of(new Learned(policy), half, minutes));
    }
}
