package dev.hearth.imagecache.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a registry wants to see before it answers: one of the challenges in its {@code
 * WWW-Authenticate} headers (RFC 9110, section 11.6.1), of which one header may hold several.
 *
 * @param scheme in lower case: {@code basic}, {@code bearer}
 * @param parameters by their names in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {
    private static final int MOST_CHARACTERS = 4096;
    private static final int MOST_HEADERS = 16;

    private static final String TOKEN = "([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}+)";
    private static final Pattern PARAMETER =
            Pattern.compile(
                    "[\\s,]*+"
                            + TOKEN
                            + "\\s*+=\\s*+(?:\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"|([^\",\\s=]++))");

    /** A scheme, perhaps with the one opaque word that Negotiate and NTLM have. */
    private static final Pattern SCHEME =
            Pattern.compile(
                    "[\\s,]*+"
                            + TOKEN
                            + "(?:\\s++[A-Za-z0-9._~+/-]++=*+(?=\\s*+(?:,|$)))?(?=\\s|,|$)");

    /** The challenge to answer: a token's first, since a password is the more precious. */
    static Optional<Challenge> best(List<String> headers) {
        List<Challenge> all =
                headers.stream()
                        .limit(MOST_HEADERS)
                        .filter(h -> h.length() <= MOST_CHARACTERS)
                        .flatMap(h -> parse(h).stream())
                        .toList();
        return all.stream()
                .filter(c -> c.scheme.equals("bearer") && !c.parameter("realm").isEmpty())
                .findFirst()
                .or(() -> all.stream().filter(c -> c.scheme.equals("basic")).findFirst());
    }

    /** Empty when it was not given. */
    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }

    /** All challenges of one header up to where it makes no sense. */
    private static List<Challenge> parse(String header) {
        List<Challenge> challenges = new ArrayList<>();
        Map<String, String> parameters = new HashMap<>();
        Matcher parameter = PARAMETER.matcher(header);
        Matcher scheme = SCHEME.matcher(header);
        int at = 0;
        while (true) {
            if (!challenges.isEmpty() && parameter.region(at, header.length()).lookingAt()) {
                String quoted = parameter.group(2);
                parameters.put(
                        parameter.group(1).toLowerCase(Locale.ROOT),
                        quoted == null ? parameter.group(3) : quoted.replaceAll("\\\\(.)", "$1"));
                at = parameter.end();
            } else if (scheme.region(at, header.length()).lookingAt()) {
                parameters = new HashMap<>();
                challenges.add(new Challenge(scheme.group(1).toLowerCase(Locale.ROOT), parameters));
                at = scheme.end();
            } else {
                return challenges;
            }
        }
    }
}
