package dev.hearth.gateway.forward;

import java.util.List;

/**
 * The cookie by which a client's requests find their instance again (RFC 6265). It is the
 * platform's: containers never see it, and what it says is a wish that nothing depends on.
 */
final class AffinityCookie {
    static final String NAME = "hearth-affinity";
    private static final String PREFIX = NAME + "=";

    /** As long as Cloud Run's lives (its page "Session affinity"): 30 days. */
    private static final long MAX_AGE_SECONDS = 30L * 24 * 60 * 60;

    /** Longer than what any name of an instance has. */
    private static final int LONGEST = 64;

    private AffinityCookie() {}

    /** The first such cookie's value in a request's Cookie headers; empty when there is none. */
    static String in(List<String> cookieHeaders) {
        for (String header : cookieHeaders) {
            if (!header.contains(PREFIX)) {
                continue;
            }
            for (String cookie : header.split(";")) {
                String pair = cookie.strip();
                if (pair.startsWith(PREFIX)) {
                    String value = pair.substring(PREFIX.length());
                    return value.length() > LONGEST ? "" : value;
                }
            }
        }
        return "";
    }

    /** A Cookie header without it, as it came otherwise; empty when nothing else was in it. */
    static String without(String cookieHeader) {
        if (!cookieHeader.contains(NAME)) {
            return cookieHeader;
        }
        StringBuilder rest = new StringBuilder(cookieHeader.length());
        for (String cookie : cookieHeader.split(";")) {
            String pair = cookie.strip();
            if (!pair.startsWith(PREFIX) && !pair.equals(NAME)) {
                rest.append(rest.isEmpty() ? "" : "; ").append(pair);
            }
        }
        return rest.toString();
    }

    /**
     * A Set-Cookie header for a client that an instance has served.
     *
     * @param instance its name, see {@code Reservation.affinity}
     * @param secure whether the client speaks TLS
     */
    static String set(String instance, boolean secure) {
        return PREFIX
                + instance
                + "; Max-Age="
                + MAX_AGE_SECONDS
                + "; Path=/; HttpOnly; SameSite=Lax"
                + (secure ? "; Secure" : "");
    }
}
