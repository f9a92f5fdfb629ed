package dev.hearth.contracts;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * How a revision's demand becomes a number of instances: the knobs of Knative's pod autoscaler,
 * with its defaults (knative.dev/docs, "Configuring autoscaling").
 *
 * <p>Written as {@code target=50,window=30s,down-delay=5m}; what is not named keeps its default,
 * and {@code default} names nothing. Knative's burst capacity is not among them: it decides when
 * the activator may leave the path of requests, and here the gateway, which parks them, never does.
 *
 * @param target requests at a time that one instance should have, at most its concurrency; 0 for as
 *     many as its concurrency
 * @param utilisation per cent of the target to fill; the rest is for what comes meanwhile
 * @param window what ordinary scaling averages over
 * @param panicWindow per cent of the window that a burst is looked for in
 * @param panicThreshold per cent of what there is that a burst asks for, to be one
 * @param maxUp times as many instances as there are, at most, at once
 * @param maxDown the most that instances may be divided by at once
 * @param downDelay how long the most instances wanted are kept before there are fewer
 * @param initial instances that a new revision is proved with
 * @param activation instances at least, while there are any
 * @param idleCpu of an instance without requests
 */
public record ScalingRules(
        double target,
        int utilisation,
        Duration window,
        int panicWindow,
        int panicThreshold,
        double maxUp,
        double maxDown,
        Duration downDelay,
        int initial,
        int activation,
        IdleCpu idleCpu) {
    public static final ScalingRules DEFAULT =
            new ScalingRules(
                    0,
                    70,
                    Duration.ofSeconds(60),
                    10,
                    200,
                    1000,
                    2,
                    Duration.ZERO,
                    1,
                    1,
                    IdleCpu.NONE);

    /** The longest text that {@link #parse} takes. */
    public static final int MOST_CHARACTERS = 300;

    /** Throws INVALID {@code invalid-scaling} when a value is out of its range. */
    public ScalingRules {
        check(
                target == 0 || target >= 0.01 && target <= 1000,
                "target",
                number(target),
                "0.01 and 1000");
        check(
                utilisation >= 1 && utilisation <= 100,
                "utilisation",
                utilisation + "%",
                "1% and 100%");
        check(within(window, 6, 3600), "window", Durations.format(window), "6s and 1h");
        check(
                panicWindow >= 1 && panicWindow <= 100,
                "panic-window",
                panicWindow + "%",
                "1% and 100%");
        check(
                panicThreshold >= 110 && panicThreshold <= 1000,
                "panic-threshold",
                panicThreshold + "%",
                "110% and 1000%");
        check(maxUp > 1 && maxUp <= 1000, "max-up", number(maxUp), "more than 1 and 1000");
        check(maxDown > 1 && maxDown <= 1000, "max-down", number(maxDown), "more than 1 and 1000");
        check(within(downDelay, 0, 3600), "down-delay", Durations.format(downDelay), "0s and 1h");
        check(initial >= 1 && initial <= 1000, "initial", "" + initial, "1 and 1000");
        check(activation >= 1 && activation <= 1000, "activation", "" + activation, "1 and 1000");
    }

    private static boolean within(Duration duration, int leastSeconds, int mostSeconds) {
        return duration.compareTo(Duration.ofSeconds(leastSeconds)) >= 0
                && duration.compareTo(Duration.ofSeconds(mostSeconds)) <= 0
                && duration.toMillis() % 1000 == 0;
    }

    private static void check(boolean fine, String name, String value, String range) {
        if (!fine) {
            throw HearthException.invalid(
                    "invalid-scaling",
                    "scaling "
                            + name
                            + "="
                            + value
                            + " is not between "
                            + range
                            + ", in whole seconds"
                            + " where it is a time");
        }
    }

    /** One that is written by its name. */
    private record Knob(String name, Function<ScalingRules, String> text, Changed changed) {
        interface Changed {
            ScalingRules of(ScalingRules rules, String value);
        }
    }

    private static final List<Knob> KNOBS =
            List.of(
                    new Knob("target", r -> number(r.target), (r, v) -> r.withTarget(decimal(v))),
                    new Knob(
                            "utilisation",
                            r -> r.utilisation + "%",
                            (r, v) ->
                                    r.with(percent(v), r.window, r.panicWindow, r.panicThreshold)),
                    new Knob(
                            "window",
                            r -> Durations.format(r.window),
                            (r, v) ->
                                    r.with(
                                            r.utilisation,
                                            Durations.parse(v),
                                            r.panicWindow,
                                            r.panicThreshold)),
                    new Knob(
                            "panic-window",
                            r -> r.panicWindow + "%",
                            (r, v) ->
                                    r.with(r.utilisation, r.window, percent(v), r.panicThreshold)),
                    new Knob(
                            "panic-threshold",
                            r -> r.panicThreshold + "%",
                            (r, v) -> r.with(r.utilisation, r.window, r.panicWindow, percent(v))),
                    new Knob(
                            "max-up",
                            r -> number(r.maxUp),
                            (r, v) -> r.withRates(decimal(v), r.maxDown, r.downDelay)),
                    new Knob(
                            "max-down",
                            r -> number(r.maxDown),
                            (r, v) -> r.withRates(r.maxUp, decimal(v), r.downDelay)),
                    new Knob(
                            "down-delay",
                            r -> Durations.format(r.downDelay),
                            (r, v) -> r.withRates(r.maxUp, r.maxDown, Durations.parse(v))),
                    new Knob(
                            "initial",
                            r -> Integer.toString(r.initial),
                            (r, v) -> r.withStarts(whole(v), r.activation)),
                    new Knob(
                            "activation",
                            r -> Integer.toString(r.activation),
                            (r, v) -> r.withStarts(r.initial, whole(v))),
                    new Knob(
                            "idle-cpu",
                            r -> r.idleCpu.word(),
                            (r, v) -> r.withIdleCpu(IdleCpu.parse(v))));

    /** The rules written as {@code text}; throws INVALID {@code invalid-scaling} otherwise. */
    public static ScalingRules parse(String text) {
        return DEFAULT.changed(text);
    }

    /** These rules with what {@code text} names; throws INVALID {@code invalid-scaling}. */
    public ScalingRules changed(String text) {
        if (text.length() > MOST_CHARACTERS) {
            throw HearthException.invalid(
                    "invalid-scaling", "scaling has more than " + MOST_CHARACTERS + " characters");
        }
        ScalingRules rules = this;
        if (text.isEmpty() || text.equals("default")) {
            return rules;
        }
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            String name = equals < 0 ? part : part.substring(0, equals);
            Knob knob =
                    KNOBS.stream()
                            .filter(k -> equals > 0 && k.name.equals(name))
                            .findFirst()
                            .orElseThrow(() -> unknown(part));
            rules = knob.changed.of(rules, part.substring(equals + 1));
        }
        return rules;
    }

    private static HearthException unknown(String part) {
        List<String> names = KNOBS.stream().map(Knob::name).toList();
        return HearthException.invalid(
                "invalid-scaling",
                "scaling \""
                        + part
                        + "\" is not NAME=VALUE with one of the names "
                        + String.join(", ", names));
    }

    /** Requests that one instance should have at a time: 80 of 80 → 56. */
    public double targetOf(int concurrency) {
        double total = concurrency == 0 ? UNLIMITED : concurrency;
        double wished = target == 0 ? total : concurrency == 0 ? target : Math.min(target, total);
        return Math.max(LEAST_TARGET, wished * utilisation / 100);
    }

    /** Stands for the concurrency of an instance without a limit, as Knative has it. */
    private static final int UNLIMITED = 100;

    private static final double LEAST_TARGET = 0.01;

    public int windowSeconds() {
        return (int) window.toSeconds();
    }

    /** A second at least: 10 % of 60 s → 6. */
    public int panicSeconds() {
        return Math.max(1, windowSeconds() * panicWindow / 100);
    }

    private ScalingRules withTarget(double other) {
        return new ScalingRules(
                other,
                utilisation,
                window,
                panicWindow,
                panicThreshold,
                maxUp,
                maxDown,
                downDelay,
                initial,
                activation,
                idleCpu);
    }

    private ScalingRules with(
            int otherUtilisation, Duration otherWindow, int otherPanic, int otherThreshold) {
        return new ScalingRules(
                target,
                otherUtilisation,
                otherWindow,
                otherPanic,
                otherThreshold,
                maxUp,
                maxDown,
                downDelay,
                initial,
                activation,
                idleCpu);
    }

    private ScalingRules withRates(double up, double down, Duration delay) {
        return new ScalingRules(
                target,
                utilisation,
                window,
                panicWindow,
                panicThreshold,
                up,
                down,
                delay,
                initial,
                activation,
                idleCpu);
    }

    private ScalingRules withStarts(int otherInitial, int otherActivation) {
        return new ScalingRules(
                target,
                utilisation,
                window,
                panicWindow,
                panicThreshold,
                maxUp,
                maxDown,
                downDelay,
                otherInitial,
                otherActivation,
                idleCpu);
    }

    private ScalingRules withIdleCpu(IdleCpu other) {
        return new ScalingRules(
                target,
                utilisation,
                window,
                panicWindow,
                panicThreshold,
                maxUp,
                maxDown,
                downDelay,
                initial,
                activation,
                other);
    }

    private static int percent(String text) {
        return whole(text.endsWith("%") ? text.substring(0, text.length() - 1) : text);
    }

    private static int whole(String text) {
        if (!text.matches("\\d{1,9}")) {
            throw HearthException.invalid(
                    "invalid-scaling", "scaling value \"" + text + "\" is not a whole number");
        }
        return Integer.parseInt(text);
    }

    private static double decimal(String text) {
        if (!text.matches("\\d{1,9}(\\.\\d{1,6})?")) {
            throw HearthException.invalid(
                    "invalid-scaling", "scaling value \"" + text + "\" is not a number");
        }
        return Double.parseDouble(text);
    }

    private static String number(double value) {
        return value == Math.rint(value)
                ? String.format(Locale.ROOT, "%.0f", value)
                : Double.toString(value);
    }

    /** As {@link #parse} reads it: what differs from the default, or {@code default}. */
    @Override
    public String toString() {
        List<String> words = new ArrayList<>();
        for (Knob knob : KNOBS) {
            String value = knob.text.apply(this);
            if (!value.equals(knob.text.apply(DEFAULT))) {
                words.add(knob.name + "=" + value);
            }
        }
        return words.isEmpty() ? "default" : String.join(",", words);
    }
}
