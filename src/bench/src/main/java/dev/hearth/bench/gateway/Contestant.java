package dev.hearth.bench.gateway;

import dev.hearth.bench.machine.Processes;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * A way to the one backend.
 *
 * @param host what requests name as their host
 * @param processes the proxy's; none when there is no proxy
 */
record Contestant(String name, InetSocketAddress address, String host, List<Long> processes) {
    /** As the report calls them. */
    static final String DIRECT = "direct";

    static final String NGINX = "nginx, ";
    static final String HAPROXY = "HAProxy, 2 threads";
    static final String VERTX = "vertx-http-proxy";
    static final String HEARTH = "Hearth";

    Contestant {
        processes = List.copyOf(processes);
    }

    String url() {
        return "http://" + address.getAddress().getHostAddress() + ":" + address.getPort() + "/";
    }

    /** Processor time of the proxy so far. */
    long cpuMicros() {
        return processes.stream().mapToLong(Processes::cpuMicros).sum();
    }

    /** The proxy's memory now, in bytes; pages that its processes share count once. */
    long memory() {
        return processes.stream().mapToLong(Processes::pss).sum();
    }
}
