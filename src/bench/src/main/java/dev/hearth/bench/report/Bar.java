package dev.hearth.bench.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.List;
import java.util.Locale;

/**
 * One promise in figures, and whether this run kept it.
 *
 * @param what is promised, in words with the number
 * @param figure what was measured; NaN when it was not
 * @param unit of the figure
 */
public record Bar(String what, double figure, String unit, Verdict verdict) {
    /** Whether a bar is met. */
    public enum Verdict {
        MET("met"),
        NOT_MET("NOT MET"),
        NOT_MEASURED("not measured");

        private final String words;

        Verdict(String words) {
            this.words = words;
        }
    }

    /** Met when the figure is {@code limit} or less. */
    public static Bar atMost(String what, double figure, double limit, String unit) {
        return new Bar(what, figure, unit, verdict(figure, figure <= limit));
    }

    /** Met when the figure is {@code limit} or more. */
    public static Bar atLeast(String what, double figure, double limit, String unit) {
        return new Bar(what, figure, unit, verdict(figure, figure >= limit));
    }

    private static Verdict verdict(double figure, boolean fine) {
        if (Double.isNaN(figure)) {
            return Verdict.NOT_MEASURED;
        }
        return fine ? Verdict.MET : Verdict.NOT_MET;
    }

    /** One line a bar. */
    public static String lines(List<Bar> bars) {
        StringBuilder text = new StringBuilder();
        for (Bar bar : bars) {
            text.append(
                    Double.isNaN(bar.figure)
                            ? "%-12s %s%n".formatted(bar.verdict.words, bar.what)
                            : String.format(
                                    Locale.ROOT,
                                    "%-12s %s: %.2f%s%n",
                                    bar.verdict.words,
                                    bar.what,
                                    bar.figure,
                                    bar.unit));
        }
        return text.toString();
    }

    /** The same for a program. */
    public static void json(List<Bar> bars, ArrayNode into) {
        for (Bar bar : bars) {
            var one = into.addObject().put("bar", bar.what).put("verdict", bar.verdict.words);
            if (!Double.isNaN(bar.figure)) {
                one.put("figure", bar.figure);
            }
        }
    }

    /** The exit code that says whether any bar was missed. */
    public static int exitCode(List<Bar> bars) {
        return bars.stream().anyMatch(b -> b.verdict == Verdict.NOT_MET) ? 1 : 0;
    }
}
