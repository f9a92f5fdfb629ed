package dev.hearth.bench.step;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.bench.platform.Options;
import dev.hearth.bench.platform.PrivatePlatform;
import dev.hearth.bench.platform.Wanted;
import dev.hearth.bench.report.Bar;
import dev.hearth.bench.report.Latencies;
import dev.hearth.bench.report.MachineFacts;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The steps of the load-step scenario. */
public final class StepRun {
    private static final String PATH = "/spin?ms=20";
    private static final String CPU = "250m";
    private static final String CPU_LIMIT = "1";
    private static final int CONCURRENCY = 20;
    private static final int MAX = 4;
    private static final String IDLE = "5s";
    private static final long ZERO_NANOS = 60_000_000_000L;
    private static final int CLIENTS = 50;
    private static final int QUIET_REQUESTS = 60;
    private static final String OURS = "quota follows";
    private static final String FIXED = "quota fixed";

    private StepRun() {}

    /** Returns the exit code. */
    public static int run(Options options, Clock clock) throws IOException, InterruptedException {
        int rounds = options.number("--rounds", 3, 100);
        int requests = options.number("--requests", 20, 10_000);
        List<Step> steps = new ArrayList<>();
        try (PrivatePlatform platform = PrivatePlatform.start(options.hearth())) {
            for (int round = 0; round < rounds; round++) {
                steps.add(step(platform, options.image(), OURS, CPU_LIMIT, requests, clock));
                steps.add(step(platform, options.image(), FIXED, null, requests, clock));
            }
        }
        Map<String, String> facts = MachineFacts.gather();
        List<Bar> bars = bars(steps);
        System.out.print(MachineFacts.line(facts) + "\n" + table(steps) + "\n" + Bar.lines(bars));
        if (options.json().isPresent()) {
            Files.writeString(options.json().get(), json(facts, steps, bars));
        }
        return Bar.exitCode(bars);
    }

    /** A quiet time with one request at a time, then fifty. */
    private static Step step(
            PrivatePlatform platform,
            String image,
            String contender,
            @Nullable String limit,
            int requests,
            Clock clock)
            throws IOException, InterruptedException {
        String service = limit == null ? "fixed" : "following";
        platform.admin().deploy(wanted(service, image, limit));
        Clients.run(platform.httpPort(), service, PATH, 1, QUIET_REQUESTS, clock);
        double cpu = cpuSeconds();
        long begun = clock.nanos();
        try (Watch watch = Watch.begin(platform, service, clock)) {
            long[] nanos =
                    Clients.run(platform.httpPort(), service, PATH, CLIENTS, requests, clock);
            long answered = clock.nanos();
            List<Watch.Seen> seen = watch.end();
            double used = cpuSeconds() - cpu;
            awaitZero(platform, service, answered, clock);
            Step step =
                    new Step(
                            contender,
                            nanos,
                            used,
                            (answered - begun) / 1e9,
                            (clock.nanos() - answered) / 1e9,
                            seen);
            platform.admin().delete(service);
            return step;
        }
    }

    private static void awaitZero(PrivatePlatform platform, String service, long since, Clock clock)
            throws InterruptedException {
        while (!platform.admin().instances(service).isEmpty()) {
            if (clock.nanos() - since > ZERO_NANOS) {
                throw new BenchFailure(service + " still has instances a minute after its load");
            }
            Thread.sleep(20);
        }
    }

    private static Wanted wanted(String service, String image, @Nullable String limit) {
        Wanted wanted =
                Wanted.of(service, image)
                        .with("cpu", CPU)
                        .with("concurrency", CONCURRENCY)
                        .with("max", MAX)
                        .with("idle", IDLE);
        return limit == null ? wanted : wanted.with("cpuLimit", limit);
    }

    /** Of everything that the kernel counts below our control groups, ended instances included. */
    private static double cpuSeconds() throws IOException {
        Path v1 = Path.of("/sys/fs/cgroup/cpuacct");
        Path root = Files.isDirectory(v1) ? v1 : Path.of("/sys/fs/cgroup");
        try (Stream<Path> groups = Files.list(root)) {
            Path ours =
                    groups.filter(g -> g.getFileName().toString().startsWith("hearth-"))
                            .max((a, b) -> Long.compare(modified(a), modified(b)))
                            .orElseThrow(
                                    () -> new BenchFailure("no control group of ours is there"));
            if (root.equals(v1)) {
                return Long.parseLong(Files.readString(ours.resolve("cpuacct.usage")).strip())
                        / 1e9;
            }
            Optional<String> used =
                    Files.readAllLines(ours.resolve("cpu.stat")).stream()
                            .filter(line -> line.startsWith("usage_usec "))
                            .findFirst();
            return Long.parseLong(used.orElseThrow().substring("usage_usec ".length())) / 1e6;
        }
    }

    private static long modified(Path group) {
        try {
            return Files.getLastModifiedTime(group).toMillis();
        } catch (IOException gone) {
            return 0;
        }
    }

    private static List<Bar> bars(List<Step> steps) {
        return List.of(
                Bar.atMost(
                        "p99 from the step on below that under a fixed quota",
                        pooled(steps, OURS).millis(99) / pooled(steps, FIXED).millis(99),
                        0.99,
                        "x"),
                Bar.atMost(
                        "CPU-seconds for the same requests at most as many (5 % are noise)",
                        sum(steps, OURS, Step::cpuSeconds) / sum(steps, FIXED, Step::cpuSeconds),
                        1.05,
                        "x"));
    }

    private static Latencies pooled(List<Step> steps, String contender) {
        long[] all =
                steps.stream()
                        .filter(s -> s.contender().equals(contender))
                        .flatMapToLong(s -> Arrays.stream(s.nanos()))
                        .toArray();
        return new Latencies(contender, all);
    }

    private static double sum(List<Step> steps, String contender, ToDoubleFunction<Step> figure) {
        return steps.stream()
                .filter(s -> s.contender().equals(contender))
                .mapToDouble(figure)
                .sum();
    }

    private static String table(List<Step> steps) {
        StringBuilder text =
                new StringBuilder(
                        "%-14s %9s %9s %9s %9s %8s %10s %10s %10s %8s%n"
                                .formatted(
                                        "1 -> 50",
                                        "p50, ms",
                                        "p99, ms",
                                        "took, s",
                                        "CPU-s",
                                        "CPU each",
                                        "instances",
                                        "overshoot",
                                        "scaled, s",
                                        "zero, s"));
        for (Step s : steps) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-14s %9.0f %9.0f %9.1f %9.2f %7dm %10d %10d %10.1f %8.1f%n",
                            s.contender(),
                            s.latencies().millis(50),
                            s.latencies().millis(99),
                            s.wallSeconds(),
                            s.cpuSeconds(),
                            s.mostCpuMillis(),
                            s.mostInstances(),
                            s.overshoot(),
                            s.secondsToScale(),
                            s.zeroSeconds()));
        }
        return text.toString();
    }

    private static String json(Map<String, String> facts, List<Step> steps, List<Bar> bars) {
        ObjectNode root = new ObjectMapper().createObjectNode();
        MachineFacts.json(facts, root.putObject("machine"));
        var all = root.putArray("steps");
        for (Step s : steps) {
            all.addObject()
                    .put("contender", s.contender())
                    .put("p50Millis", s.latencies().millis(50))
                    .put("p99Millis", s.latencies().millis(99))
                    .put("seconds", s.wallSeconds())
                    .put("cpuSeconds", s.cpuSeconds())
                    .put("cpuMillis", s.mostCpuMillis())
                    .put("instances", s.mostInstances())
                    .put("overshoot", s.overshoot())
                    .put("secondsToScale", s.secondsToScale())
                    .put("secondsToZero", s.zeroSeconds());
        }
        Bar.json(bars, root.putArray("bars"));
        return root.toPrettyString() + "\n";
    }
}
