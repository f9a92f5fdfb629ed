package dev.hearth.process.gateway;

import dev.hearth.contracts.HearthException;
import java.util.List;
import java.util.regex.Pattern;

/** What names and addresses in settings have to look like. */
final class Addresses {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._-]{1,253}:[1-9][0-9]{0,4}");
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,253}");

    private Addresses() {}

    /**
     * The addresses; throws INVALID {@code invalid-address}.
     *
     * @param setting the name of the variable that they are from
     */
    static List<String> parse(String setting, List<String> texts) {
        for (String text : texts) {
            boolean fine =
                    FORM.matcher(text).matches()
                            && Integer.parseInt(text.substring(text.lastIndexOf(':') + 1)) < 65536;
            if (!fine) {
                throw HearthException.invalid(
                        "invalid-address",
                        setting
                                + " has \""
                                + text
                                + "\" in it; it is a list of HOST:PORT with commas between");
            }
        }
        return List.copyOf(texts);
    }

    /** The id of a gateway; throws INVALID {@code invalid-name}. */
    static String requireId(String text) {
        if (!ID.matcher(text).matches()) {
            throw HearthException.invalid(
                    "invalid-name",
                    "HEARTH_GATEWAY_ID \""
                            + text
                            + "\" is not made of letters, digits and any of ._-; by default it is"
                            + " the host's name");
        }
        return text;
    }
}
