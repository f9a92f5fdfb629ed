package dev.hearth.bench.gateway;

import dev.hearth.bench.machine.Tools;
import dev.hearth.bench.platform.BenchFailure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Debian's {@code wrk}: a closed loop of requests, as fast as answers come, from one thread. */
final class Wrk {
    private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in ");
    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([\\d.]+)");
    private static final Pattern MEDIAN = Pattern.compile("\\s50%\\s+([\\d.]+)(us|ms|s|m)\\b");
    private static final Pattern TAIL = Pattern.compile("\\s99%\\s+([\\d.]+)(us|ms|s|m)\\b");
    private static final Pattern WRONG = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");
    private static final Pattern BROKEN =
            Pattern.compile("connect (\\d+), read (\\d+), write (\\d+), timeout (\\d+)");
    private static final Map<String, Double> MICROS =
            Map.of("us", 1.0, "ms", 1e3, "s", 1e6, "m", 60e6);

    private Wrk() {}

    /** GET / over {@code connections} kept open. */
    static Load run(Contestant to, int connections, int seconds) throws InterruptedException {
        return run(to, connections, seconds, List.of("-H", "Host: " + to.host()));
    }

    /** The requests that a Lua script makes. */
    static Load script(Contestant to, int connections, int seconds, Path script)
            throws InterruptedException {
        return run(to, connections, seconds, List.of("-s", script.toString()));
    }

    private static Load run(Contestant to, int connections, int seconds, List<String> options)
            throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("wrk", "-t1", "--latency"));
        command.addAll(List.of("-c" + connections, "-d" + seconds + "s", "--timeout", "10s"));
        command.addAll(options);
        command.add(to.url());
        long before = to.cpuMicros();
        String said = Tools.run(command.toArray(String[]::new));
        return parse(said, to.cpuMicros() - before);
    }

    /** What it printed, as figures. */
    static Load parse(String said, long cpuMicros) {
        long wrong = 0;
        Matcher refused = WRONG.matcher(said);
        if (refused.find()) {
            wrong += Long.parseLong(refused.group(1));
        }
        Matcher broken = BROKEN.matcher(said);
        if (broken.find()) {
            for (int i = 1; i <= broken.groupCount(); i++) {
                wrong += Long.parseLong(broken.group(i));
            }
        }
        return new Load(
                Double.parseDouble(find(RATE, said).group(1)),
                micros(find(MEDIAN, said)),
                micros(find(TAIL, said)),
                Long.parseLong(find(REQUESTS, said).group(1)),
                wrong,
                cpuMicros);
    }

    private static double micros(Matcher time) {
        return Double.parseDouble(time.group(1)) * MICROS.getOrDefault(time.group(2), Double.NaN);
    }

    private static Matcher find(Pattern what, String said) {
        Matcher matcher = what.matcher(said);
        if (!matcher.find()) {
            throw new BenchFailure("wrk did not tell " + what + ": " + said.strip());
        }
        return matcher;
    }
}
