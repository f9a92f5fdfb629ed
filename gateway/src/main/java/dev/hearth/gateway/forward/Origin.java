package dev.hearth.gateway.forward;

import org.jspecify.annotations.Nullable;

/**
 * Where a request comes from, and what its container is told of that (RFC 7239 and the older
 * headers that mean the same).
 *
 * @param client address of the client
 * @param scheme {@code http} or {@code https}, as the client spoke it
 * @param host the host that the client asked for
 * @param forwardedFor value of X-Forwarded-For: the client, then each proxy but the last
 * @param forwarded value of Forwarded, which says the same
 * @param requestId the request's name, when it came with one that can be trusted
 */
record Origin(
        String client,
        String scheme,
        String host,
        String forwardedFor,
        String forwarded,
        @Nullable String requestId) {

    /**
     * Of a connection whose other end is the client, or is nobody whose word counts.
     *
     * @param peer address of the other end
     * @param scheme of the connection
     */
    static Origin direct(String peer, String scheme, String host) {
        return new Origin(peer, scheme, host, peer, element(peer, host, scheme), null);
    }

    /**
     * {@code for=192.0.2.1;host="h:8080";proto=http}; IPv6 in brackets and quotes (RFC 7239, 6).
     */
    static String element(String client, String host, String scheme) {
        String quoted = host.indexOf(':') >= 0 ? "\"" + host + "\"" : host;
        return "for=" + node(client) + ";host=" + quoted + ";proto=" + scheme;
    }

    /** An address as Forwarded has it. */
    static String node(String address) {
        return address.indexOf(':') >= 0 ? "\"[" + address + "]\"" : address;
    }
}
