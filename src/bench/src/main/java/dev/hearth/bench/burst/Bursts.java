package dev.hearth.bench.burst;

import dev.hearth.bench.platform.Parallel;
import dev.hearth.bench.platform.PrivatePlatform;
import dev.hearth.contracts.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Bursts of distinct cold services, several rounds of each size. */
public final class Bursts {
    private static final int WIDTH = 8;

    /** An environment variable by which a service's answer tells whose it is. */
    private static final String MARK = "BENCH_SERVICE";

    private final PrivatePlatform platform;
    private final Duration quiet;
    private final Clock clock;
    private final List<String> services;

    /**
     * Deploys the services.
     *
     * @param most services hit at once
     * @param quiet between the last instance's end and a burst
     */
    public Bursts(PrivatePlatform platform, String image, int most, Duration quiet, Clock clock) {
        this.platform = platform;
        this.quiet = quiet;
        this.clock = clock;
        this.services = IntStream.range(0, most).mapToObj("burst-%03d"::formatted).toList();
        Parallel.each(
                services,
                WIDTH,
                service -> platform.admin().deploy(service, image, Map.of(MARK, service), "1h"));
    }

    /**
     * Rounds of one size: everything is stopped, and then {@code size} services are hit at once.
     */
    public BurstResult of(int size, int rounds) throws InterruptedException {
        LongStream.Builder firstBytes = LongStream.builder();
        LongStream.Builder lasts = LongStream.builder();
        List<String> wrong = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            Parallel.each(services, WIDTH, platform.admin()::stop);
            Thread.sleep(quiet);
            List<Volley.Answer> answers =
                    Volley.fire(platform.httpPort(), services.subList(0, size), clock);
            long last = 0;
            for (Volley.Answer answer : answers) {
                firstBytes.add(answer.firstByteNanos());
                last = Math.max(last, answer.endNanos());
                if (!isRight(answer)) {
                    wrong.add(answer.service() + ": " + answer.text().strip());
                }
            }
            lasts.add(last);
        }
        return BurstResult.of(size, firstBytes.build().toArray(), lasts.build().toArray(), wrong);
    }

    /** 200, from the right service, and from an instance that was started for it. */
    private static boolean isRight(Volley.Answer answer) {
        return answer.text().startsWith("HTTP/1.1 200")
                && answer.text().contains("\n" + MARK + "=" + answer.service() + "\n")
                && answer.text().toLowerCase(java.util.Locale.ROOT).contains("\nserver-timing:");
    }
}
