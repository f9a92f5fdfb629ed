package dev.hearth.contracts;

import java.math.BigDecimal;

/**
 * An amount of CPU in thousandths of a core, written as Kubernetes does: {@code 500m}, {@code 0.5},
 * {@code 2}.
 */
public record Cpu(int millis) {
    /**
     * The least that CFS can enforce with a 100 ms period: a quota of 1 ms (kernel/sched/core.c).
     */
    public static final int LEAST_MILLIS = 10;

    /** More than any machine has; a guard against slips of the keyboard. */
    public static final int MOST_MILLIS = 1_024_000;

    /** Throws INVALID {@code invalid-cpu} outside 10m … 1024 cores. */
    public Cpu {
        if (millis < LEAST_MILLIS || millis > MOST_MILLIS) {
            throw HearthException.invalid(
                    "invalid-cpu", "cpu of " + millis + "m is not between 10m and 1024 cores");
        }
    }

    /** The amount written as {@code text}; throws INVALID {@code invalid-cpu} otherwise. */
    public static Cpu parse(String text) {
        try {
            BigDecimal millis =
                    text.endsWith("m")
                            ? new BigDecimal(text.substring(0, text.length() - 1))
                            : new BigDecimal(text).movePointRight(3);
            if (text.length() <= 12) {
                return new Cpu(millis.intValueExact());
            }
        } catch (NumberFormatException | ArithmeticException notANumber) {
            // falls through to the one message below
        }
        throw HearthException.invalid(
                "invalid-cpu",
                "cpu \"" + text + "\" is not a number of cores such as 1, 0.5 or 500m");
    }

    @Override
    public String toString() {
        return millis % 1000 == 0 ? Integer.toString(millis / 1000) : millis + "m";
    }
}
