package dev.hearth.imagecache.registry;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a registry wants to see before it answers: a {@code WWW-Authenticate} header (RFC 9110,
 * section 11.6.1).
 *
 * @param scheme {@code basic} or {@code bearer}
 */
record Challenge(String scheme, Map<String, String> parameters) {
    private static final int MOST_CHARACTERS = 4096;
    private static final Pattern PARAMETER =
            Pattern.compile("([A-Za-z0-9_-]{1,64})=(?:\"([^\"]*)\"|([^\",\\s]*))");

    /** The first challenge that can be answered. */
    static Optional<Challenge> first(List<String> headers) {
        return headers.stream()
                .filter(h -> h.length() <= MOST_CHARACTERS)
                .map(Challenge::parse)
                .filter(c -> c.scheme.equals("basic") || c.scheme.equals("bearer"))
                .findFirst();
    }

    private static Challenge parse(String header) {
        String trimmed = header.strip();
        int blank = trimmed.indexOf(' ');
        String scheme = blank < 0 ? trimmed : trimmed.substring(0, blank);
        Map<String, String> parameters = new HashMap<>();
        Matcher m = PARAMETER.matcher(blank < 0 ? "" : trimmed.substring(blank));
        while (m.find()) {
            String quoted = m.group(2);
            parameters.put(
                    m.group(1).toLowerCase(Locale.ROOT), quoted == null ? m.group(3) : quoted);
        }
        return new Challenge(scheme.toLowerCase(Locale.ROOT), parameters);
    }
}
