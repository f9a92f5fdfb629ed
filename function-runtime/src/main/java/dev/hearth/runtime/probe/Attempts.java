package dev.hearth.runtime.probe;

import dev.hearth.contracts.Probe;
import dev.hearth.runtime.posix.TcpProbe;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.time.Duration;

/** Makes tries of probes. */
public final class Attempts {
    private Attempts() {}

    /**
     * @param port the container's own
     */
    public static Attempt of(Probe probe, Inet4Address host, int port) {
        InetSocketAddress address = new InetSocketAddress(host, probe.port(port));
        Duration timeout = probe.timeout();
        return switch (probe.check()) {
            case Probe.Check.Tcp _ ->
                    new TcpProbe(host, address.getPort(), timeout.toMillis())::takesConnection;
            case Probe.Check.Http http -> new HttpAttempt(address, http.path(), timeout);
            case Probe.Check.Grpc grpc -> new GrpcAttempt(address, grpc.service(), timeout);
        };
    }
}
