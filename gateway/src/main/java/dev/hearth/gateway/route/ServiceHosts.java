package dev.hearth.gateway.route;

import dev.hearth.contracts.ServiceName;
import java.util.Map;

/**
 * Where the requests to all hosts of one service go.
 *
 * @param byLabel by what stands before the platform's domain in a host
 * @param byDomain by host names of its own, in lower case
 */
public record ServiceHosts(Map<String, Split> byLabel, Map<String, Split> byDomain) {
    static final ServiceHosts NONE = new ServiceHosts(Map.of(), Map.of());

    public ServiceHosts {
        byLabel = Map.copyOf(byLabel);
        byDomain = Map.copyOf(byDomain);
    }

    /** Those of a service without tags and domains. */
    public static ServiceHosts of(ServiceName service, Split split) {
        return new ServiceHosts(Map.of(service.value(), split), Map.of());
    }
}
