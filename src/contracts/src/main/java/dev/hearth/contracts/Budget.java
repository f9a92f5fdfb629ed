package dev.hearth.contracts;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a service may cost in a calendar month (UTC), in the currency of the price list. Written
 * {@code 25}, {@code 0.50,stop} or {@code none}.
 *
 * @param amount 0 for no budget
 * @param stops whether requests are refused when it is spent; else only a warning is given
 */
public record Budget(BigDecimal amount, boolean stops) {
    public static final Budget NONE = new Budget(BigDecimal.ZERO, false);

    private static final Pattern FORM = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,6})?)(,stop)?");

    /** The budget written as {@code text}; throws INVALID {@code invalid-budget} otherwise. */
    public static Budget parse(String text) {
        if (text.equals("none")) {
            return NONE;
        }
        Matcher m = FORM.matcher(text);
        if (!m.matches() || new BigDecimal(m.group(1)).signum() == 0) {
            throw HearthException.invalid(
                    "invalid-budget",
                    "budget \""
                            + text
                            + "\" is neither none nor an amount a month such as 25 or 0.50,stop");
        }
        return new Budget(new BigDecimal(m.group(1)), m.group(2) != null);
    }

    public boolean isNone() {
        return amount.signum() == 0;
    }

    /** Whether so much is all of it, or more. */
    public boolean isSpentBy(BigDecimal cost) {
        return !isNone() && cost.compareTo(amount) >= 0;
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return isNone() ? "none" : amount.toPlainString() + (stops ? ",stop" : "");
    }
}
