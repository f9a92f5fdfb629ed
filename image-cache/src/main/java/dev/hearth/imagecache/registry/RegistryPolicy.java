package dev.hearth.imagecache.registry;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Which addresses a registry may make Hearth call, and how. References come from tenants and
 * redirects from strangers, so neither may reach what only this machine can reach.
 *
 * <p>Names are looked up here and again by the HTTP client; a name server that answers differently
 * the second time is not caught. Operators who fear that filter the node's egress.
 *
 * @param insecure registries, {@code host} or {@code host:port}, to call by plain HTTP
 */
public record RegistryPolicy(Set<String> insecure) {
    public RegistryPolicy {
        insecure = Set.copyOf(insecure);
    }

    /** What may not be done, as the end of a sentence. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    /** Where a registry's API is: plain HTTP on loopback and for insecure ones, else HTTPS. */
    URI base(String host, String hostName) {
        return URI.create((isTrusted(host, hostName) ? "http" : "https") + "://" + host + "/v2/");
    }

    /** Whether it is this machine's own or one the operator listed. */
    boolean isTrusted(String host, String hostName) {
        return isListed(host, hostName) || isLoopback(hostName);
    }

    private boolean isListed(String host, String hostName) {
        return insecure.contains(host) || insecure.contains(hostName);
    }

    /**
     * Checks an address that a registry sends us to, or the registry's own.
     *
     * @param host of the registry that the image reference names, with its port
     * @param hostName without it
     */
    void check(URI target, String host, String hostName) throws RefusedException {
        String scheme = Optional.ofNullable(target.getScheme()).orElse("").toLowerCase(Locale.ROOT);
        String targetName = target.getHost();
        if (targetName == null || target.getUserInfo() != null) {
            throw new RefusedException("\"" + target + "\" is not an address to call");
        }
        boolean trusted = isTrusted(host, hostName);
        if (!scheme.equals("https") && !(scheme.equals("http") && trusted)) {
            throw new RefusedException(
                    scheme
                            + ": is not allowed, only https: (http: on loopback and for those in"
                            + " hearth.insecure-registries)");
        }
        boolean listed = isListed(String.valueOf(target.getAuthority()), targetName);
        boolean loopbackAllowed = listed || isLoopback(hostName);
        for (InetAddress address : addresses(targetName)) {
            boolean bad =
                    (address.isLoopbackAddress() && !loopbackAllowed)
                            || ((address.isLinkLocalAddress()
                                            || address.isAnyLocalAddress()
                                            || address.isMulticastAddress())
                                    && !listed);
            if (bad) {
                throw new RefusedException(
                        targetName + " (" + address.getHostAddress() + ") is this machine's own");
            }
        }
    }

    private static InetAddress[] addresses(String name) throws RefusedException {
        String plain = name.startsWith("[") ? name.substring(1, name.length() - 1) : name;
        try {
            return InetAddress.getAllByName(plain);
        } catch (UnknownHostException e) {
            throw new RefusedException("the host " + plain + " is unknown");
        }
    }

    /** Told by the name alone: 127.0.0.0/8, ::1 and localhost. */
    private static boolean isLoopback(String hostName) {
        return hostName.equals("localhost")
                || hostName.equals("::1")
                || hostName.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
    }
}
