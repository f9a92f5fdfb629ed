package dev.hearth.gateway.framing;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What of an HTTP/2 request would be another request, or none, once it is written as HTTP/1.1 (RFC
 * 9113, sections 8.2, 8.3 and 10.3). Netty and Vert.x have refused some of it before, by resetting
 * the stream: this does not rely on it.
 */
public final class Http2Rules {
    private static final Set<String> OF_A_CONNECTION =
            Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade");

    private Http2Rules() {}

    /** Why a request must not be forwarded; empty when it may be. */
    public static Optional<Refusal> refusal(HttpServerRequest request) {
        if (!isToken(request.method().name())) {
            return Optional.of(Refusal.INVALID_REQUEST_LINE);
        }
        if (!isTarget(request)) {
            return Optional.of(Refusal.INVALID_TARGET);
        }
        HostAndPort authority = request.authority();
        if (authority == null || !isHost(authority.host())) {
            return Optional.of(Refusal.INVALID_HOST);
        }
        List<String> hosts = request.headers().getAll(HttpHeaders.HOST);
        if (hosts.size() > 1 || hosts.size() == 1 && !isAuthority(hosts.getFirst())) {
            return Optional.of(Refusal.INVALID_HOST);
        }
        if (hosts.size() == 1 && !names(hosts.getFirst(), authority)) {
            return Optional.of(Refusal.HOST_MISMATCH);
        }
        for (Map.Entry<String, String> header : request.headers()) {
            Optional<Refusal> why = refusal(header.getKey(), header.getValue());
            if (why.isPresent()) {
                return why;
            }
        }
        return hasClearLength(request)
                ? Optional.empty()
                : Optional.of(Refusal.INVALID_CONTENT_LENGTH);
    }

    private static Optional<Refusal> refusal(String name, String value) {
        if (!isToken(name) || !name.chars().noneMatch(c -> c >= 'A' && c <= 'Z')) {
            return Optional.of(Refusal.INVALID_HEADER_NAME);
        }
        if (OF_A_CONNECTION.contains(name) || name.equals("te") && !value.equals("trailers")) {
            return Optional.of(Refusal.INVALID_CONNECTION);
        }
        return value.chars().allMatch(Octets::isValue)
                ? Optional.empty()
                : Optional.of(Refusal.INVALID_HEADER_VALUE);
    }

    private static boolean isTarget(HttpServerRequest request) {
        String target = request.uri();
        return target != null
                && (target.startsWith("/")
                        || target.equals("*") && request.method() == HttpMethod.OPTIONS)
                && target.chars().allMatch(c -> Octets.isVisible(c) && c != '#');
    }

    private static boolean names(String host, HostAndPort authority) {
        String plain = authority.host();
        return host.equalsIgnoreCase(plain)
                || host.equalsIgnoreCase(plain + ":" + authority.port());
    }

    /** One number at most, and not of octets that will not come. */
    private static boolean hasClearLength(HttpServerRequest request) {
        List<String> lengths = request.headers().getAll(HttpHeaders.CONTENT_LENGTH);
        if (lengths.isEmpty()) {
            return true;
        }
        String length = lengths.getFirst();
        return lengths.size() == 1
                && !length.isEmpty()
                && length.length() <= 18
                && length.chars().allMatch(Octets::isDigit)
                && (Long.parseLong(length) == 0 || !request.isEnded());
    }

    private static boolean isToken(String text) {
        return !text.isEmpty() && text.chars().allMatch(Octets::isToken);
    }

    private static boolean isAuthority(String text) {
        int colon = text.lastIndexOf(':');
        boolean port =
                colon > 0
                        && colon > text.lastIndexOf(']')
                        && text.substring(colon + 1).chars().allMatch(Octets::isDigit);
        return isHost(port ? text.substring(0, colon) : text);
    }

    private static boolean isHost(String text) {
        boolean literal = text.startsWith("[") && text.endsWith("]") && text.length() > 2;
        return literal
                ? text.substring(1, text.length() - 1)
                        .chars()
                        .allMatch(c -> Octets.hex(c) >= 0 || c == ':' || c == '.')
                : !text.isEmpty() && text.chars().allMatch(Octets::isHost);
    }
}
