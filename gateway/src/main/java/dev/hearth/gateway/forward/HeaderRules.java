package dev.hearth.gateway.forward;

import dev.hearth.contracts.TrustedProxies;
import dev.hearth.gateway.peer.PassedOn;
import dev.hearth.gateway.trace.TraceContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which headers pass, which are added, which never leave (RFC 9110 section 7.6.1, RFC 7239).
 *
 * <p>What a client says about who forwarded its request is replaced, because anybody can say it,
 * unless it is a trusted proxy: then its {@link Origin} goes by that.
 */
final class HeaderRules {
    private static final CharSequence FORWARDED = AsciiString.cached("forwarded");
    private static final CharSequence X_FORWARDED_FOR = AsciiString.cached("x-forwarded-for");
    private static final CharSequence X_FORWARDED_PROTO = AsciiString.cached("x-forwarded-proto");
    private static final CharSequence X_FORWARDED_HOST = AsciiString.cached("x-forwarded-host");
    private static final CharSequence X_REQUEST_ID = AsciiString.cached("x-request-id");
    private static final CharSequence TRACEPARENT = AsciiString.cached("traceparent");
    private static final CharSequence TRACESTATE = AsciiString.cached("tracestate");
    private static final CharSequence CLOUD_TRACE = AsciiString.cached("x-cloud-trace-context");

    /** A client's wish for a receipt of a warm request, too. */
    static final CharSequence X_HEARTH_RECEIPT = AsciiString.cached("x-hearth-receipt");

    static final CharSequence X_HEARTH_ERROR = AsciiString.cached("X-Hearth-Error");

    /** Meant for the next hop only. */
    static final Set<String> HOP_BY_HOP =
            Set.of(
                    "connection",
                    "keep-alive",
                    "proxy-connection",
                    "proxy-authenticate",
                    "proxy-authorization",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade",
                    "http2-settings");

    /** Set by us on the way in, whatever the client says. */
    static final Set<String> OURS =
            Set.of(
                    "host",
                    "forwarded",
                    "x-forwarded-for",
                    "x-forwarded-proto",
                    "x-forwarded-host",
                    "x-request-id",
                    "traceparent",
                    "tracestate",
                    "x-cloud-trace-context",
                    "x-hearth-receipt",
                    PassedOn.HEADER,
                    "expect");

    private HeaderRules() {}

    /**
     * Fills the request to the container.
     *
     * @param host as the client sent it
     */
    static void toContainer(
            HttpServerRequest from, MultiMap to, String host, Origin origin, TraceContext trace) {
        Set<String> named = namedByConnection(from.headers());
        for (Map.Entry<String, String> header : from.headers()) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (!HOP_BY_HOP.contains(name) && !isOurs(name) && !named.contains(name)) {
                String value = header.getValue();
                if (name.equals("cookie")) {
                    value = AffinityCookie.without(value);
                    if (value.isEmpty()) {
                        continue;
                    }
                }
                to.add(header.getKey(), value);
            }
        }
        if (from.version() == HttpVersion.HTTP_2) {
            List<String> cookies = to.getAll(HttpHeaders.COOKIE);
            if (cookies.size() > 1) { // RFC 9113 section 8.2.3: one again for who reads HTTP/1.1
                to.set(HttpHeaders.COOKIE, String.join("; ", cookies));
            }
        }
        to.set(HttpHeaders.HOST, host);
        to.set(X_FORWARDED_FOR, origin.forwardedFor());
        to.set(X_FORWARDED_PROTO, origin.scheme());
        to.set(X_FORWARDED_HOST, origin.host());
        to.set(FORWARDED, origin.forwarded());
        String id = origin.requestId();
        to.set(X_REQUEST_ID, id == null ? trace.traceId() : id);
        to.set(TRACEPARENT, trace.traceparent());
        String state = trace.tracestate();
        if (state != null) {
            to.set(TRACESTATE, state);
        }
        to.set(CLOUD_TRACE, trace.cloud());
    }

    /** Whether a method changes nothing, so that the request may be tried again (RFC 9110). */
    static boolean isSafe(HttpMethod method) {
        return method == HttpMethod.GET
                || method == HttpMethod.HEAD
                || method == HttpMethod.OPTIONS;
    }

    /**
     * Whether a request asks to go on in another protocol that we pass on (RFC 9110 section 7.8).
     *
     * @param hasBody which would come between the head and the other protocol
     */
    static boolean asksForUpgrade(HttpServerRequest request, boolean hasBody) {
        String connection = request.getHeader(HttpHeaders.CONNECTION);
        return connection != null
                && connection.toLowerCase(Locale.ROOT).contains("upgrade")
                && request.headers().contains(HttpHeaders.UPGRADE)
                && request.method() == HttpMethod.GET
                && !hasBody
                && !request.headers().contains(HttpHeaders.UPGRADE, "h2c", true) // ours to speak
                && request.version() == HttpVersion.HTTP_1_1;
    }

    /**
     * Where a request that Vert.x has read comes from.
     *
     * @param passed what the gateway says that passed it on; empty when this one had it first
     */
    static Origin origin(
            HttpServerRequest from,
            String host,
            TrustedProxies proxies,
            Optional<PassedOn> passed) {
        String peer =
                passed.map(PassedOn::address).orElseGet(() -> from.remoteAddress().hostAddress());
        String scheme = passed.map(PassedOn::scheme).orElse(from.isSSL() ? "https" : "http");
        if (proxies.areNone() || !proxies.trust(InetAddress.ofLiteral(peer))) {
            return Origin.direct(peer, scheme, host);
        }
        SaidOrigin said = new SaidOrigin();
        for (Map.Entry<String, String> header : from.headers()) {
            said.add(header.getKey().toLowerCase(Locale.ROOT), header.getValue());
        }
        return said.origin(peer, scheme, host, proxies);
    }

    /**
     * To a CGI-like program a header with underscores is the one with dashes (RFC 3875, 4.1.18).
     */
    private static boolean isOurs(String name) {
        return OURS.contains(name.indexOf('_') < 0 ? name : name.replace('_', '-'));
    }

    /**
     * What HTTP/2 has in another place: the authority; and {@code te: trailers}, which it lets
     * through and gRPC asks for (RFC 9113 section 8.2.2).
     */
    static void toHttp2(HttpServerRequest from, HttpClientRequest to, String host) {
        to.headers().remove(HttpHeaders.HOST);
        to.authority(HostAndPort.parseAuthority(host, -1));
        for (String value : from.headers().getAll(HttpHeaderNames.TE)) {
            if (value.toLowerCase(Locale.ROOT).contains("trailers")) {
                to.headers().set(HttpHeaderNames.TE, "trailers");
            }
        }
    }

    /** Trailers to the client; none that would have meant something in the head. */
    static void trailers(MultiMap from, HttpServerResponse to) {
        for (Map.Entry<String, String> trailer : from) {
            String name = trailer.getKey().toLowerCase(Locale.ROOT);
            if (!HOP_BY_HOP.contains(name)
                    && !name.equals("content-length")
                    && !name.equals("x-hearth-error")) {
                to.trailers().add(trailer.getKey(), trailer.getValue());
            }
        }
    }

    /** Fills the response to the client; our own marks cannot be forged by a container. */
    static void toClient(MultiMap from, MultiMap to) {
        Set<String> named = namedByConnection(from);
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (!HOP_BY_HOP.contains(name)
                    && !named.contains(name)
                    && !name.equals("x-hearth-error")) {
                to.add(header.getKey(), header.getValue());
            }
        }
    }

    /** The fields that are for the next hop only, beside those that always are. */
    static Set<String> namedByConnection(MultiMap headers) {
        List<String> values = headers.getAll(HttpHeaders.CONNECTION);
        if (values.isEmpty()
                || values.size() == 1
                        && (values.getFirst().equalsIgnoreCase("keep-alive")
                                || values.getFirst().equalsIgnoreCase("close"))) {
            return Set.of();
        }
        Set<String> names = new HashSet<>();
        for (String value : values) {
            for (String name : value.split(",")) {
                names.add(name.strip().toLowerCase(Locale.ROOT));
            }
        }
        return names;
    }
}
