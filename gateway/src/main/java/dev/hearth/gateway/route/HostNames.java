package dev.hearth.gateway.route;

import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ServiceName;
import java.util.Locale;
import java.util.Optional;

/**
 * Turns a request's host into a service's name: {@code NAME.DOMAIN}, in any case, with or without a
 * port and a trailing dot.
 */
public final class HostNames {
    private static final int LONGEST = 255;

    private final String suffix;

    /**
     * @param domain what follows a service's name: {@code localhost}, {@code example.com}
     */
    public HostNames(String domain) {
        this.suffix = "." + domain.toLowerCase(Locale.ROOT);
    }

    /** The service that a host names; empty for any host that is not one of a service. */
    public Optional<ServiceName> service(String host) {
        if (host.length() > LONGEST) {
            return Optional.empty();
        }
        String name = host;
        int colon = name.lastIndexOf(':');
        if (colon >= 0) {
            name = name.substring(0, colon);
        }
        if (name.endsWith(".")) {
            name = name.substring(0, name.length() - 1);
        }
        name = name.toLowerCase(Locale.ROOT);
        if (!name.endsWith(suffix)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ServiceName(name.substring(0, name.length() - suffix.length())));
        } catch (HearthException notAName) {
            return Optional.empty();
        }
    }
}
