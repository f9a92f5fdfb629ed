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

    private final String domain;
    private final String suffix;

    /**
     * @param domain what follows a service's name: {@code localhost}, {@code example.com}
     */
    public HostNames(String domain) {
        this.domain = domain.toLowerCase(Locale.ROOT);
        this.suffix = "." + this.domain;
    }

    /** The service that a host names; empty for any host that is not one of a service. */
    public Optional<ServiceName> service(String host) {
        String name = plain(host);
        if (!name.endsWith(suffix)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ServiceName(name.substring(0, name.length() - suffix.length())));
        } catch (HearthException notAName) {
            return Optional.empty();
        }
    }

    /**
     * Whether a host is the registry's: the domain itself, {@code registry.DOMAIN}, or loopback,
     * which whoever works on this machine can use without a name server.
     */
    public boolean isRegistry(String host) {
        String name = plain(host);
        return name.equals(domain)
                || name.equals(ServiceName.REGISTRY + suffix)
                || name.equals("localhost")
                || name.equals("127.0.0.1");
    }

    /** In lower case, without port and trailing dot; empty when it is too long to be a host. */
    private static String plain(String host) {
        if (host.length() > LONGEST) {
            return "";
        }
        String name = host;
        int colon = name.lastIndexOf(':');
        if (colon >= 0) {
            name = name.substring(0, colon);
        }
        if (name.endsWith(".")) {
            name = name.substring(0, name.length() - 1);
        }
        return name.toLowerCase(Locale.ROOT);
    }
}
