package dev.hearth.contracts;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, written as Kubernetes does: {@code 512Mi}, {@code 1G}, {@code 1048576}. */
public record DataSize(long bytes) implements Comparable<DataSize> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,15})(Ki|Mi|Gi|Ti|k|M|G|T)?");

    /** Throws INVALID {@code invalid-size} when negative. */
    public DataSize {
        if (bytes < 0) {
            throw HearthException.invalid("invalid-size", "a size of " + bytes + " bytes");
        }
    }

    /** The size written as {@code text}; throws INVALID {@code invalid-size} otherwise. */
    public static DataSize parse(String text) {
        Matcher m = FORM.matcher(text);
        if (!m.matches()) {
            throw invalid(text);
        }
        String unit = m.group(2);
        try {
            return new DataSize(
                    Math.multiplyExact(
                            Long.parseLong(m.group(1)), factor(unit == null ? "" : unit)));
        } catch (ArithmeticException overflow) {
            throw invalid(text);
        }
    }

    public static DataSize mebibytes(long mebibytes) {
        return new DataSize(Math.multiplyExact(mebibytes, 1L << 20));
    }

    private static long factor(String unit) {
        return switch (unit) {
            case "" -> 1;
            case "Ki" -> 1L << 10;
            case "Mi" -> 1L << 20;
            case "Gi" -> 1L << 30;
            case "Ti" -> 1L << 40;
            case "k" -> 1_000L;
            case "M" -> 1_000_000L;
            case "G" -> 1_000_000_000L;
            case "T" -> 1_000_000_000_000L;
            default -> throw new IllegalArgumentException(unit);
        };
    }

    private static HearthException invalid(String text) {
        return HearthException.invalid(
                "invalid-size",
                "size \"" + text + "\" is not a number with Ki, Mi, Gi, Ti, k, M, G or T");
    }

    @Override
    public int compareTo(DataSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** The shortest exact form in binary units: {@code 512Mi}. */
    @Override
    public String toString() {
        String[] units = {"Ti", "Gi", "Mi", "Ki"};
        for (int i = 0; i < units.length; i++) {
            long factor = 1L << (10 * (4 - i));
            if (bytes >= factor && bytes % factor == 0) {
                return bytes / factor + units[i];
            }
        }
        return Long.toString(bytes);
    }
}
