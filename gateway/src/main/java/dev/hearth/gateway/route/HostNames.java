package dev.hearth.gateway.route;

import dev.hearth.contracts.ServiceName;
import java.util.Locale;
import java.util.Optional;

/**
 * Turns a request's host into a service's name, {@code NAME.DOMAIN}, or a tagged revision's, {@code
 * TAG---NAME.DOMAIN}, in any case, with or without a port and a trailing dot. In another project
 * than the default one NAME is {@code NAME.PROJECT}.
 */
public final class HostNames {
    private static final int LONGEST = 255;

    /** A tag of 46 characters, the mark, a name of 63 with its project's. */
    private static final int LONGEST_LABEL = 112;

    private static final String TAG_MARK = "---";

    private final String domain;
    private final String suffix;

    /**
     * @param domain what follows a service's name: {@code localhost}, {@code example.com}
     */
    public HostNames(String domain) {
        this.domain = domain.toLowerCase(Locale.ROOT);
        this.suffix = "." + this.domain;
    }

    /**
     * What a host has before the domain: a service's name, or a tag and a service's name; empty for
     * any host that cannot be one of a service.
     */
    public Optional<String> label(String host) {
        String name = plain(host);
        if (!name.endsWith(suffix)) {
            return Optional.empty();
        }
        String label = name.substring(0, name.length() - suffix.length());
        return label.isEmpty()
                        || label.length() > LONGEST_LABEL
                        || label.startsWith(".")
                        || label.endsWith(".")
                        || label.indexOf('.') != label.lastIndexOf('.')
                ? Optional.empty()
                : Optional.of(label);
    }

    /** The label of a tagged revision's own host. */
    static String label(String tag, ServiceName service) {
        return tag + TAG_MARK + service.value();
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
    static String plain(String host) {
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
