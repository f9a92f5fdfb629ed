package dev.hearth.bench.cold;

import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.bench.platform.PrivatePlatform;
import dev.hearth.contracts.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Hearth itself: a service without an instance gets a request through the gateway. */
public final class GatewayContender implements Contender {
    /** As the report calls the one that the bars are about. */
    public static final String CONNECTED = "hearth, through the gateway";

    public static final String CONNECTING = "  … connecting included";

    private static final int MOST_TRIES = 20;

    private final PrivatePlatform platform;
    private final String service;
    private final boolean connected;
    private final Duration spacing;
    private final Probe probe;
    private final SplittableRandom random = new SplittableRandom();
    private final Map<String, Long> byTrace = new TreeMap<>();

    /**
     * @param service is deployed
     * @param connected whether the connection to the gateway is made ahead
     * @param spacing between the last instance's end and the request, as idle as a cold start is in
     *     real life
     */
    public GatewayContender(
            PrivatePlatform platform,
            String service,
            boolean connected,
            Duration spacing,
            Clock clock) {
        this.platform = platform;
        this.service = service;
        this.connected = connected;
        this.spacing = spacing;
        this.probe = new Probe(clock);
    }

    @Override
    public String name() {
        return connected ? CONNECTED : CONNECTING;
    }

    @Override
    public long coldNanos() throws InterruptedException {
        return cold("");
    }

    /** A start whose spans can be told from all others; see {@link #byTrace}. */
    public void tracedStart() throws InterruptedException {
        String trace = "%016x%016x".formatted(random.nextLong(), random.nextLong() | 1);
        long nanos = cold("traceparent: 00-" + trace + "-00000000000000be-01\r\n");
        byTrace.put(trace, nanos);
    }

    /** What the client measured, by trace. */
    public Map<String, Long> byTrace() {
        return Map.copyOf(byTrace);
    }

    /** Sends a request, so that the service has an instance; true when one was started for it. */
    public static boolean wake(int httpPort, String service, Clock clock) {
        return isCold(new Probe(clock).ask(httpPort, service + ".localhost", "/", "", false));
    }

    /** The receipt of a request that waited; without it an instance was there. */
    private static boolean isCold(Probe.Answer answer) {
        return answer.text().toLowerCase(Locale.ROOT).contains("\nserver-timing:");
    }

    private long cold(String headers) throws InterruptedException {
        for (int attempt = 0; attempt < MOST_TRIES; attempt++) {
            platform.admin().stop(service);
            Thread.sleep(spacing);
            Probe.Answer answer =
                    probe.ask(platform.httpPort(), service + ".localhost", "/", headers, connected);
            if (isCold(answer)) {
                return answer.nanos();
            }
        }
        throw new BenchFailure(
                service + " had an instance again after each of " + MOST_TRIES + " stops");
    }

    /** Leaves the service; it goes with the platform. */
    @Override
    public void close() {}
}
