package dev.hearth.bench.churn;

import dev.hearth.bench.cold.GatewayContender;
import dev.hearth.bench.platform.Admin;
import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.bench.platform.Parallel;
import dev.hearth.contracts.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Starts and stops: a request to a service without an instance, its answer, and the stop of the
 * instance it started; several services at a time.
 */
public final class Cycles {
    private final int httpPort;
    private final Admin admin;
    private final Clock clock;
    private final List<String> services;

    /**
     * Deploys the services.
     *
     * @param width services, and so cycles at a time
     */
    public Cycles(int httpPort, Admin admin, String image, int width, Clock clock) {
        this.httpPort = httpPort;
        this.admin = admin;
        this.clock = clock;
        this.services = IntStream.range(0, width).mapToObj("churn-%02d"::formatted).toList();
        Parallel.each(services, width, s -> admin.deploy(s, image, Map.of(), "24h"));
        Parallel.each(services, width, admin::stop);
    }

    /** Returns when about {@code count} are over (each service takes its share). */
    public void run(int count) {
        int each = Math.ceilDiv(count, services.size());
        Parallel.each(
                services,
                services.size(),
                service -> {
                    for (int i = 0; i < each; i++) {
                        if (!GatewayContender.wake(httpPort, service, clock)) {
                            throw new BenchFailure(
                                    service + " had an instance right after it was stopped");
                        }
                        admin.stop(service);
                    }
                });
    }
}
