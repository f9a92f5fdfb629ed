package dev.hearth.gateway.framing;

import java.time.Duration;

/**
 * How slow a client may be.
 *
 * @param head from a head's first octet to its last, and from a connection's start to the end of
 *     its first head
 * @param bodySilence without an octet of an unfinished body while the gateway would read it
 */
public record Deadlines(Duration head, Duration bodySilence) {
    /**
     * As nginx's defaults: client_header_timeout and client_body_timeout, 60 s; a head is short.
     */
    public static final Deadlines DEFAULT =
            new Deadlines(Duration.ofSeconds(20), Duration.ofSeconds(60));
}
