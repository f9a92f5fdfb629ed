package dev.hearth.gateway.admin;

import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.ServiceName;

/**
 * Where people find the platform.
 *
 * @param scheme http or https
 * @param domain what follows a service's name
 * @param port not said where it is the scheme's own
 */
public record PublicAddress(String scheme, String domain, int port) {
    /**
     * Where a project's services are: those of the default one are at the platform's own domain.
     */
    public PublicAddress in(ProjectName project) {
        return project.isDefault() ? this : new PublicAddress(scheme, project + "." + domain, port);
    }

    /** {@code example.com} or {@code localhost:8080}. */
    public String host() {
        return at(domain);
    }

    private String at(String host) {
        return port == (scheme.equals("https") ? 443 : 80) ? host : host + ":" + port;
    }

    /** Of a host name that is not the platform's. */
    String url(String host) {
        return scheme + "://" + at(host) + "/";
    }

    /** The platform's own URL. */
    public String url() {
        return scheme + "://" + host() + "/";
    }

    /** A tagged revision's. */
    public String url(String tag, ServiceName service) {
        return scheme + "://" + tag + "---" + service + "." + host() + "/";
    }

    /** A service's. */
    public String url(ServiceName service) {
        return scheme + "://" + service + "." + host() + "/";
    }
}
