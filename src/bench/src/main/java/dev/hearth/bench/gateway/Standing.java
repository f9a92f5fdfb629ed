package dev.hearth.bench.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Everything measured of one contestant; a stretch a round.
 *
 * @param busiest as many requests as it takes, over many connections
 * @param alone one request after the other, over one connection
 * @param steady at the fixed rate
 * @param memory bytes after the busiest stretch of each round
 */
record Standing(
        String name, List<Load> busiest, List<Load> alone, List<Load> steady, List<Long> memory) {
    Standing(String name) {
        this(name, new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }

    double perSecond() {
        return median(busiest, Load::perSecond);
    }

    double aloneMedian() {
        return median(alone, Load::p50Micros);
    }

    double aloneTail() {
        return median(alone, Load::p99Micros);
    }

    double steadyMedian() {
        return median(steady, Load::p50Micros);
    }

    double steadyTail() {
        return median(steady, Load::p99Micros);
    }

    double busyCpu() {
        return median(busiest, Load::cpuMicrosEach);
    }

    double steadyCpu() {
        return median(steady, Load::cpuMicrosEach);
    }

    double memoryMedian() {
        return median(memory, Long::doubleValue);
    }

    /** Over all stretches. */
    long wrong() {
        return wrong(busiest) + wrong(alone) + wrong(steady);
    }

    private static long wrong(List<Load> loads) {
        return loads.stream().mapToLong(Load::wrong).sum();
    }

    /** The middle one, of an even number the lower of the two; NaN of none. */
    static <T> double median(List<T> of, ToDoubleFunction<T> figure) {
        double[] sorted = of.stream().mapToDouble(figure).sorted().toArray();
        return sorted.length == 0 ? Double.NaN : sorted[(sorted.length - 1) / 2];
    }
}
