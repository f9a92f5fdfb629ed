package dev.hearth.bench.cold;

import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.bench.report.Latencies;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Spaced starts of all contenders, turn by turn in one run, so that whatever the machine does to
 * one it does to all.
 *
 * @param missing why a contender was not measured, by its name
 */
public record Starts(List<Latencies> measured, Map<String, String> missing) {
    /** Unmeasured rounds before the first measured one: caches are warm, code is loaded. */
    private static final int WARM_UP = 3;

    /** One start of each contender a round; who fails is out, but for Hearth itself. */
    public static Starts of(List<Contender> contenders, Map<String, String> absent, int starts)
            throws InterruptedException {
        Map<String, String> missing = new LinkedHashMap<>(absent);
        Map<Contender, LongStream.Builder> nanos = new LinkedHashMap<>();
        contenders.forEach(contender -> nanos.put(contender, LongStream.builder()));
        for (int round = -WARM_UP; round < starts; round++) {
            for (Map.Entry<Contender, LongStream.Builder> turn : List.copyOf(nanos.entrySet())) {
                Contender contender = turn.getKey();
                try {
                    long taken = contender.coldNanos();
                    if (round >= 0) {
                        turn.getValue().add(taken);
                    }
                } catch (BenchFailure e) {
                    if (contender instanceof GatewayContender) {
                        throw e;
                    }
                    missing.put(contender.name(), String.valueOf(e.getMessage()));
                    nanos.remove(contender);
                }
            }
        }
        List<Latencies> measured = new ArrayList<>();
        nanos.forEach((c, all) -> measured.add(new Latencies(c.name(), all.build().toArray())));
        return new Starts(measured, missing);
    }

    /** The percentile of a contender; NaN when it was not measured. */
    public double millis(String name, double percentile) {
        return measured.stream()
                .filter(l -> l.name().equals(name))
                .mapToDouble(l -> l.millis(percentile))
                .findFirst()
                .orElse(Double.NaN);
    }
}
