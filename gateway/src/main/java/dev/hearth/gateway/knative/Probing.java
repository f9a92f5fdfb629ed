package dev.hearth.gateway.knative;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hearth.contracts.Probe;
import dev.hearth.contracts.Probe.Check;
import dev.hearth.contracts.Probes;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Probes of a Knative Service. Its readiness probe says when an instance may have requests, which
 * is what a startup probe says here; but one that fails for long only keeps requests away, so that
 * it is tried for as long as a start may take, however often Kubernetes would let it fail.
 */
final class Probing {
    private static final String READINESS = "readinessProbe";
    private static final String STARTUP = "startupProbe";

    private Probing() {}

    static Probes read(Fields container) {
        Optional<Probe> readiness = readiness(container.object(READINESS));
        Optional<Probe> startup = given(container.object(STARTUP));
        if (readiness.isPresent() && startup.isPresent()) {
            throw container.wrong(
                    STARTUP, "cannot be given beside " + READINESS + ", which is taken for one");
        }
        return new Probes(startup.or(() -> readiness), given(container.object("livenessProbe")));
    }

    /** What Knative fills in means what is usual here: a TCP connection, tried again and again. */
    private static Optional<Probe> readiness(Fields sent) {
        boolean usual =
                Stream.of("httpGet", "grpc", "periodSeconds", "initialDelaySeconds")
                        .noneMatch(sent::has);
        if (usual && sent.object("tcpSocket").number("port").orElse(0) == 0) {
            sent.object("tcpSocket").passOver("port", "host").end();
            sent.passOver("successThreshold", "failureThreshold", "timeoutSeconds").end();
            return Optional.empty();
        }
        return given(sent)
                .map(
                        p -> {
                            Duration left = Probes.LONGEST_STARTUP.minus(p.initialDelay());
                            int times = (int) Math.max(1, left.dividedBy(p.period()));
                            return new Probe(
                                    p.check(), p.initialDelay(), p.period(), p.timeout(), times);
                        });
    }

    private static Optional<Probe> given(Fields sent) {
        if (sent.isEmpty()) {
            return Optional.empty();
        }
        if (sent.number("successThreshold").orElse(1) != 1) {
            throw sent.wrong("successThreshold", "can be 1 only");
        }
        Duration period = seconds(sent, "periodSeconds", Probe.DEFAULT_PERIOD);
        Duration timeout = seconds(sent, "timeoutSeconds", Probe.DEFAULT_TIMEOUT);
        Probe probe =
                new Probe(
                        check(sent),
                        Duration.ofSeconds(sent.number("initialDelaySeconds").orElse(0)),
                        period,
                        timeout,
                        sent.number("failureThreshold").orElse(Probe.DEFAULT_FAILURES));
        sent.end();
        return Optional.of(probe);
    }

    /** 0 is as good as absent. */
    private static Duration seconds(Fields sent, String name, Duration usual) {
        int seconds = sent.number(name).orElse(0);
        return seconds == 0 ? usual : Duration.ofSeconds(seconds);
    }

    private static Check check(Fields sent) {
        if (sent.has("httpGet")) {
            Fields get = sent.object("httpGet");
            if (!get.text("scheme").orElse("HTTP").equals("HTTP")) {
                throw get.wrong("scheme", "can be HTTP only");
            }
            Check http = new Check.Http(get.text("path").orElse("/"), get.number("port").orElse(0));
            get.end();
            return http;
        }
        if (sent.has("grpc")) {
            Fields call = sent.object("grpc");
            Check grpc =
                    new Check.Grpc(call.text("service").orElse(""), call.number("port").orElse(0));
            call.end();
            return grpc;
        }
        Fields socket = sent.object("tcpSocket");
        Check tcp = new Check.Tcp(socket.number("port").orElse(0));
        socket.end();
        return tcp;
    }

    /** Tells a revision's, as {@link #read} takes them. */
    static void write(Probes probes, ObjectNode container) {
        probes.startup().ifPresent(p -> write(p, container.putObject(STARTUP)));
        probes.liveness().ifPresent(p -> write(p, container.putObject("livenessProbe")));
    }

    private static void write(Probe p, ObjectNode probe) {
        switch (p.check()) {
            case Check.Http http ->
                    probe.putObject("httpGet").put("path", http.path()).put("port", http.port());
            case Check.Tcp tcp -> probe.putObject("tcpSocket").put("port", tcp.port());
            case Check.Grpc grpc ->
                    probe.putObject("grpc").put("service", grpc.service()).put("port", grpc.port());
        }
        probe.put("initialDelaySeconds", whole(p.initialDelay()));
        probe.put("periodSeconds", whole(p.period()));
        probe.put("timeoutSeconds", whole(p.timeout()));
        probe.put("failureThreshold", p.failures());
    }

    private static long whole(Duration time) {
        return Math.ceilDiv(time.toMillis(), 1000L);
    }
}
