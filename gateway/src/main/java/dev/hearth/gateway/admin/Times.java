package dev.hearth.gateway.admin;

import dev.hearth.contracts.HearthException;
import io.vertx.ext.web.RoutingContext;
import java.time.DateTimeException;
import java.time.Instant;

/** Times in queries. */
final class Times {
    private Times() {}

    /** The time that a parameter says; throws INVALID {@code invalid-time} when it is none. */
    static Instant of(RoutingContext c, String name, Instant otherwise) {
        String text = c.request().getParam(name);
        if (text == null) {
            return otherwise;
        }
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw HearthException.invalid(
                    "invalid-time",
                    name + "=\"" + text + "\" is not a time such as 2026-01-31T12:00:00Z");
        }
    }
}
