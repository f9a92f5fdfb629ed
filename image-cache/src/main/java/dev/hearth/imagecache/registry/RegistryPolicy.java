package dev.hearth.imagecache.registry;

import dev.hearth.imagecache.reference.DockerHub;
import dev.hearth.imagecache.reference.ImageReference;
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
 * <p>Names are looked up here and again by the HTTP client. A name server that answers differently
 * the second time must do so at the moment when the JDK's address cache (30 s) runs out between the
 * two, and wins a TLS handshake only: no request is sent to a server that has no certificate for
 * the name. Plain HTTP goes to hosts that the operator listed and to where those point.
 *
 * @param insecure registries, {@code host} or {@code host:port}, to call by plain HTTP
 * @param closedPorts ports on loopback that are never called, listed or not: the platform's own
 */
public record RegistryPolicy(Set<String> insecure, Set<Integer> closedPorts) {
    public RegistryPolicy {
        insecure = Set.copyOf(insecure);
        closedPorts = Set.copyOf(closedPorts);
    }

    public RegistryPolicy(Set<String> insecure) {
        this(insecure, Set.of());
    }

    /** What may not be done, as the end of a sentence. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    /** A registry's API: plain HTTP on loopback and for insecure ones, else HTTPS. */
    Endpoint registry(ImageReference.Registry image) {
        String host = image.host();
        boolean plain = isListed(host, image.hostName()) || isLoopback(image.hostName());
        String server = host.equals(DockerHub.HOST) ? DockerHub.API_HOST : host;
        URI base = URI.create((plain ? "http" : "https") + "://" + server + "/v2/");
        return new Endpoint(image, base, false);
    }

    private boolean isListed(String host, String hostName) {
        return insecure.contains(host) || insecure.contains(hostName);
    }

    /** Checks an address that a registry sends us to, or the registry's own. */
    void check(URI target, Endpoint from) throws RefusedException {
        String scheme = Optional.ofNullable(target.getScheme()).orElse("").toLowerCase(Locale.ROOT);
        String targetName = target.getHost();
        if (targetName == null
                || target.getUserInfo() != null
                || target.getPort() == 0
                || target.getPort() > 65535) {
            throw new RefusedException("\"" + target + "\" is not an address to call");
        }
        boolean plain = from.base().getScheme().equals("http");
        if (!scheme.equals("https") && !(scheme.equals("http") && plain)) {
            throw new RefusedException(
                    scheme
                            + ": is not allowed, only https: (http: on loopback and for those in"
                            + " hearth.insecure-registries)");
        }
        boolean listed =
                isListed(String.valueOf(target.getAuthority()), targetName)
                        || (from.mirror() && from.isAt(target));
        boolean loopback = listed || isLoopback(from.image().hostName());
        for (InetAddress address : addresses(targetName)) {
            boolean own = address.isLoopbackAddress() || address.isAnyLocalAddress();
            boolean bad =
                    (own && closedPorts.contains(port(target)))
                            || (address.isLoopbackAddress() && !loopback)
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

    private static int port(URI target) {
        if (target.getPort() >= 0) {
            return target.getPort();
        }
        return "http".equalsIgnoreCase(target.getScheme()) ? 80 : 443;
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
