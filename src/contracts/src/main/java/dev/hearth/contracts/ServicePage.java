package dev.hearth.contracts;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Some of the services, newest first.
 *
 * @param next where the following page begins; empty after the last one
 */
public record ServicePage(List<Service> services, Optional<Cursor> next) {
    /** Of a page. */
    public static final int MOST = 1000;

    public ServicePage {
        services = List.copyOf(services);
    }

    /** After this service, of those that are sorted by age and, where that is the same, by name. */
    public record Cursor(Instant createdAt, String name) {}
}
