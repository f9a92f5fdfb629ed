package dev.hearth.bench;

import dev.hearth.bench.cold.BenchFailure;
import dev.hearth.bench.cold.Contender;
import dev.hearth.bench.cold.Contenders;
import dev.hearth.bench.cold.GatewayContender;
import dev.hearth.bench.cold.Latencies;
import dev.hearth.bench.cold.Report;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * {@code hearth bench cold}: spaced cold starts through the gateway, beside the same binary as a
 * bare process and in other people's containers, turn by turn in one run. Exit codes: 0 measured, 2
 * could not.
 */
public final class ColdStart {
    private ColdStart() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        try {
            measure(ColdStartOptions.parse(System.getenv(), args), Clock.system());
        } catch (BenchFailure e) {
            System.err.println("hearth: " + e.getMessage());
            System.exit(2);
        }
    }

    /** Deploy, find the others, start each in turn, tell, remove everything. */
    private static void measure(ColdStartOptions options, Clock clock)
            throws IOException, InterruptedException {
        Path scratch = Files.createTempDirectory("hearth-bench");
        List<Contender> contenders = new ArrayList<>();
        Map<String, String> missing = new LinkedHashMap<>();
        try (GatewayContender gateway = gateway(options, clock)) {
            gateway.deploy(options.image());
            contenders.add(gateway);
            new Contenders(options.binary(), scratch, clock).find(contenders, missing);
            List<Latencies> measured = rounds(contenders, missing, options.starts());
            Report report = new Report(measured, missing);
            System.out.print(report.table());
            Path json = options.json();
            if (json != null) {
                Files.writeString(json, report.json());
            }
        } finally {
            for (Contender contender : contenders) {
                if (!(contender instanceof GatewayContender)) {
                    contender.close();
                }
            }
            Contenders.delete(scratch);
        }
    }

    private static GatewayContender gateway(ColdStartOptions options, Clock clock) {
        String token;
        try {
            token = Files.readString(options.tokenFile()).strip();
        } catch (IOException e) {
            throw new BenchFailure(
                    "the admin token cannot be read from "
                            + options.tokenFile()
                            + "; start a platform with `hearth up --detach`, or name its directory"
                            + " with --data",
                    e);
        }
        return new GatewayContender(
                options.adminPort(),
                token,
                options.httpPort(),
                options.service(),
                options.domain(),
                Duration.ofMillis(options.spacingMillis()),
                clock);
    }

    /** One start of each contender a round, after one unmeasured; who fails is out, and why. */
    private static List<Latencies> rounds(
            List<Contender> contenders, Map<String, String> missing, int starts)
            throws InterruptedException {
        Map<Contender, LongStream.Builder> nanos = new LinkedHashMap<>();
        contenders.forEach(contender -> nanos.put(contender, LongStream.builder()));
        for (int round = -1; round < starts; round++) {
            for (var turn : List.copyOf(nanos.entrySet())) {
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
        return nanos.entrySet().stream()
                .map(
                        entry ->
                                new Latencies(
                                        entry.getKey().name(), entry.getValue().build().toArray()))
                .toList();
    }
}
