package dev.hearth.contracts;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * How to find out whether a container is well, as Cloud Run and Knative define it. People write it
 * as {@code http:/health,period=1s}, {@code tcp}, {@code grpc:my.Service,port=9000}, with {@code
 * delay}, {@code period}, {@code timeout} and {@code failures} where they are not the usual ones.
 *
 * @param initialDelay after the container's start before it is tried
 * @param period from one try to the next
 * @param timeout of a try, at most its period
 * @param failures one after the other that make it failed
 */
public record Probe(
        Check check, Duration initialDelay, Duration period, Duration timeout, int failures) {
    public static final Duration DEFAULT_DELAY = Duration.ZERO;
    public static final Duration DEFAULT_PERIOD = Duration.ofSeconds(10);
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(1);
    public static final int DEFAULT_FAILURES = 3;

    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int MOST_FAILURES = 1000;
    private static final int MOST_TEXT = 512;

    /** What a try does; port 0 is the container's own. */
    public sealed interface Check {
        int port();

        /** A GET whose answer has a status from 200 to 399. */
        record Http(String path, int port) implements Check {
            private static final Pattern PATH = Pattern.compile("/[!-~&&[^,;#]]*");

            public Http {
                if (!PATH.matcher(path).matches() || path.length() > MOST_TEXT) {
                    throw invalid(
                            "path \""
                                    + (path.length() > MOST_TEXT ? "…" : path)
                                    + "\" does not begin with / or has spaces, commas or other than"
                                    + " visible ASCII");
                }
                checkPort(port);
            }
        }

        /** A connection. */
        record Tcp(int port) implements Check {
            public Tcp {
                checkPort(port);
            }
        }

        /**
         * The gRPC health protocol's Check, answered by SERVING.
         *
         * @param service that is asked about; empty for the server as a whole
         */
        record Grpc(String service, int port) implements Check {
            private static final Pattern SERVICE = Pattern.compile("[A-Za-z0-9_./-]{0,256}");

            public Grpc {
                if (!SERVICE.matcher(service).matches()) {
                    throw invalid("\"" + service + "\" is no name of a gRPC service");
                }
                checkPort(port);
            }
        }
    }

    /** Throws INVALID {@code invalid-probe}. */
    public Probe {
        within("delay", initialDelay, Duration.ZERO);
        within("period", period, SHORTEST);
        within("timeout", timeout, SHORTEST);
        if (timeout.compareTo(period) > 0) {
            throw invalid(
                    "its timeout of "
                            + Durations.format(timeout)
                            + " is longer than its period of "
                            + Durations.format(period));
        }
        if (failures < 1 || failures > MOST_FAILURES) {
            throw invalid(failures + " failures are not from 1 to " + MOST_FAILURES);
        }
    }

    private static void within(String what, Duration time, Duration least) {
        if (time.compareTo(least) < 0 || time.compareTo(LONGEST) > 0) {
            throw invalid(
                    "its "
                            + what
                            + " of "
                            + Durations.format(time)
                            + " is not from "
                            + Durations.format(least)
                            + " to 1h");
        }
    }

    private static void checkPort(int port) {
        if (port < 0 || port > 65535) {
            throw invalid("port " + port + " is not between 1 and 65535");
        }
    }

    private static HearthException invalid(String why) {
        return HearthException.invalid("invalid-probe", "a probe cannot be so: " + why);
    }

    /** As people write it; throws INVALID {@code invalid-probe}, {@code invalid-duration}. */
    public static Probe parse(String text) {
        List<String> words = List.of(text.split(",", -1));
        Map<String, String> settings = new LinkedHashMap<>();
        for (String word : words.subList(1, words.size())) {
            int equals = word.indexOf('=');
            String key = equals < 1 ? word : word.substring(0, equals);
            boolean known = List.of("port", "delay", "period", "timeout", "failures").contains(key);
            if (equals < 1 || !known || settings.put(key, word.substring(equals + 1)) != null) {
                throw invalid(
                        "\""
                                + word
                                + "\" is not port=, delay=, period=, timeout= or failures= with a"
                                + " value, once");
            }
        }
        Duration period = time(settings, "period", DEFAULT_PERIOD);
        return new Probe(
                check(words.getFirst(), number(settings.getOrDefault("port", "0"))),
                time(settings, "delay", DEFAULT_DELAY),
                period,
                // a period below the usual timeout is the timeout as well
                time(settings, "timeout", shorter(DEFAULT_TIMEOUT, period)),
                number(settings.getOrDefault("failures", Integer.toString(DEFAULT_FAILURES))));
    }

    private static Check check(String word, int port) {
        if (word.startsWith("http:")) {
            return new Check.Http(word.substring("http:".length()), port);
        }
        if (word.equals("tcp")) {
            return new Check.Tcp(port);
        }
        if (word.equals("grpc") || word.startsWith("grpc:")) {
            return new Check.Grpc(word.substring(Math.min(word.length(), "grpc:".length())), port);
        }
        throw invalid("\"" + word + "\" is not http:/PATH, tcp, grpc or grpc:SERVICE");
    }

    private static Duration time(Map<String, String> settings, String key, Duration usual) {
        String text = settings.get(key);
        return text == null ? usual : Durations.parse(text);
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    private static int number(String text) {
        if (!text.matches("\\d{1,5}")) {
            throw invalid("\"" + text + "\" is not a number");
        }
        return Integer.parseInt(text);
    }

    /** From the container's start to when it has failed for good, if it never answers. */
    public Duration patience() {
        return initialDelay.plus(period.multipliedBy(failures));
    }

    /** The port that is tried. */
    public int port(int containers) {
        return check.port() == 0 ? containers : check.port();
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder(
                        switch (check) {
                            case Check.Http http -> "http:" + http.path();
                            case Check.Tcp _ -> "tcp";
                            case Check.Grpc grpc ->
                                    grpc.service().isEmpty() ? "grpc" : "grpc:" + grpc.service();
                        });
        if (check.port() != 0) {
            text.append(",port=").append(check.port());
        }
        if (!initialDelay.equals(DEFAULT_DELAY)) {
            text.append(",delay=").append(Durations.format(initialDelay));
        }
        if (!period.equals(DEFAULT_PERIOD)) {
            text.append(",period=").append(Durations.format(period));
        }
        if (!timeout.equals(shorter(DEFAULT_TIMEOUT, period))) {
            text.append(",timeout=").append(Durations.format(timeout));
        }
        if (failures != DEFAULT_FAILURES) {
            text.append(",failures=").append(failures);
        }
        return text.toString();
    }
}
