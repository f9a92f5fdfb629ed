package dev.hearth.contracts;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Who may call a service. */
public sealed interface Invokers {
    /** Whoever reaches it. */
    Invokers ANYONE = Plain.ANYONE;

    /** Whoever has the project's invoker token. */
    Invokers TOKEN = Plain.TOKEN;

    /** As the API says it, and {@link #parse} reads it. */
    String word();

    /** Those that are no more than a word. */
    enum Plain implements Invokers {
        ANYONE,
        TOKEN;

        @Override
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Whoever has a JWT (RFC 7519) of an OpenID Connect issuer, meant for this service. Written
     * {@code jwt issuer=URL audience=AUDIENCE subject=SUBJECT}, the last as often as there are
     * some.
     *
     * @param issuer its URL, by which its keys are found (OpenID Connect Discovery 1.0)
     * @param audience that the token has to be for
     * @param subjects any of whom it may be of; all when there is none
     */
    record Jwt(String issuer, String audience, List<String> subjects) implements Invokers {
        private static final String BEGIN = "jwt ";
        private static final int LONGEST = 512;
        private static final int MOST_SUBJECTS = 32;
        private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

        /** Throws INVALID {@code invalid-invokers}. */
        public Jwt {
            subjects = List.copyOf(subjects);
            checkIssuer(issuer);
            checkText("audience", audience);
            subjects.forEach(subject -> checkText("subject", subject));
            if (subjects.size() > MOST_SUBJECTS) {
                throw invalid(subjects.size() + " subjects are more than " + MOST_SUBJECTS);
            }
        }

        private static void checkIssuer(String issuer) {
            checkText("issuer", issuer);
            try {
                URI url = new URI(issuer);
                boolean secure = "https".equals(url.getScheme());
                boolean here = "http".equals(url.getScheme()) && LOOPBACK.contains(url.getHost());
                if ((secure || here)
                        && url.getHost() != null
                        && url.getUserInfo() == null
                        && url.getQuery() == null
                        && url.getFragment() == null) {
                    return;
                }
            } catch (URISyntaxException e) {
                // told as any other that cannot be
            }
            throw invalid(
                    "issuer \""
                            + issuer
                            + "\" is not an https:// URL without a query, as its discovery document"
                            + " names it (http:// only on loopback)");
        }

        private static void checkText(String what, String text) {
            if (text.isEmpty()
                    || text.length() > LONGEST
                    || text.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
                throw invalid(
                        what
                                + " \""
                                + text
                                + "\" is not 1 to "
                                + LONGEST
                                + " characters without blanks");
            }
        }

        private static HearthException invalid(String why) {
            return HearthException.invalid("invalid-invokers", why);
        }

        @Override
        public String word() {
            return BEGIN
                    + "issuer="
                    + issuer
                    + " audience="
                    + audience
                    + subjects.stream().map(s -> " subject=" + s).collect(Collectors.joining());
        }

        private static Jwt parse(String text) {
            String issuer = "";
            String audience = "";
            List<String> subjects = new ArrayList<>();
            for (String part : text.substring(BEGIN.length()).split(" ", -1)) {
                String value = part.substring(part.indexOf('=') + 1);
                switch (part.substring(0, Math.max(0, part.indexOf('=')))) {
                    case "issuer" -> issuer = value;
                    case "audience" -> audience = value;
                    case "subject" -> subjects.add(value);
                    default -> throw invalid("\"" + part + "\" is not known of a jwt");
                }
            }
            return new Jwt(issuer, audience, subjects);
        }
    }

    /** Throws INVALID {@code invalid-invokers} for what is none of them. */
    static Invokers parse(String text) {
        for (Plain invokers : Plain.values()) {
            if (invokers.word().equals(text)) {
                return invokers;
            }
        }
        if (text.startsWith(Jwt.BEGIN)) {
            return Jwt.parse(text);
        }
        throw HearthException.invalid(
                "invalid-invokers",
                "invokers \""
                        + text
                        + "\" are neither anyone, nor token, nor jwt issuer=URL audience=AUDIENCE");
    }
}
