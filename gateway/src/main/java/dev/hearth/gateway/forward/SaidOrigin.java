package dev.hearth.gateway.forward;

import dev.hearth.contracts.TrustedProxies;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the headers of a request say about where it came from, gathered one by one. Only of a {@link
 * TrustedProxies trusted proxy} is it asked: anybody else can say anything.
 */
final class SaidOrigin {
    /** The headers that say it. */
    static final Set<String> NAMES =
            Set.of(
                    "x-forwarded-for",
                    "forwarded",
                    "x-forwarded-proto",
                    "x-forwarded-host",
                    "x-request-id");

    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.:\\[\\]_-]{1,255}");
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._~+/=:-]{1,128}");

    /** Hops that are told again in another form; beyond them only the last one is. */
    private static final int MOST_HOPS = 32;

    private String forwardedFor = "";
    private String forwarded = "";
    private String scheme = "";
    private String host = "";
    private String requestId = "";

    /**
     * Takes note of a header.
     *
     * @param name in lower case; others than those that matter here are passed over
     */
    void add(String name, String value) {
        switch (name) {
            case "x-forwarded-for" -> forwardedFor = list(forwardedFor, value);
            case "forwarded" -> forwarded = list(forwarded, value);
            case "x-forwarded-proto" -> scheme = value.strip().toLowerCase(Locale.ROOT);
            case "x-forwarded-host" -> host = value.strip();
            case "x-request-id" -> requestId = value.strip();
            default -> {}
        }
    }

    private static String list(String before, String value) {
        String more = value.strip();
        return before.isEmpty() || more.isEmpty() ? before + more : before + ", " + more;
    }

    /** Forgets what was gathered. */
    void clear() {
        forwardedFor = "";
        forwarded = "";
        scheme = "";
        host = "";
        requestId = "";
    }

    /**
     * The origin of the request that a trusted proxy sent. The client is the last address that is
     * no trusted proxy's, since all before it may be invented.
     *
     * @param peer address of the connection's other end
     * @param over scheme of the connection
     * @param asked the request's Host
     */
    Origin origin(String peer, String over, String asked, TrustedProxies proxies) {
        String own = Origin.element(peer, asked, over);
        String[] hops = forwardedFor.isEmpty() ? new String[0] : forwardedFor.split(",", -1);
        return new Origin(
                client(peer, hops, proxies),
                scheme.equals("http") || scheme.equals("https") ? scheme : over,
                HOST.matcher(host).matches() ? host : asked,
                list(forwardedFor, peer),
                list(forwarded.isEmpty() ? elements(hops) : forwarded, own),
                ID.matcher(requestId).matches() ? requestId : null);
    }

    private static String client(String peer, String[] hops, TrustedProxies proxies) {
        String client = peer;
        for (int i = hops.length - 1; i >= 0; i--) {
            InetAddress hop = address(hops[i]);
            if (hop == null) {
                return client;
            }
            client = hop.getHostAddress();
            if (!proxies.trust(hop)) {
                return client;
            }
        }
        return client;
    }

    /** The hops as elements of Forwarded, which did not come. */
    private static String elements(String[] hops) {
        if (hops.length > MOST_HOPS) {
            return "";
        }
        StringBuilder elements = new StringBuilder();
        for (String hop : hops) {
            InetAddress known = address(hop);
            elements.append(elements.isEmpty() ? "for=" : ", for=")
                    .append(known == null ? "unknown" : Origin.node(known.getHostAddress()));
        }
        return elements.toString();
    }

    /** An address, which some proxies write with its port; null for what is none. */
    private static @Nullable InetAddress address(String hop) {
        String text = hop.strip();
        int bracket = text.indexOf(']');
        if (text.startsWith("[") && bracket > 0) {
            text = text.substring(1, bracket);
        } else if (text.indexOf(':') == text.lastIndexOf(':') && text.indexOf(':') > 0) {
            text = text.substring(0, text.indexOf(':'));
        }
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException none) {
            return null;
        }
    }
}
