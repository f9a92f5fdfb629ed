package dev.hearth.gateway.cloudrun;

import com.google.cloud.run.v2.Container;
import com.google.cloud.run.v2.GRPCAction;
import com.google.cloud.run.v2.HTTPGetAction;
import com.google.cloud.run.v2.TCPSocketAction;
import dev.hearth.contracts.Probe;
import dev.hearth.contracts.Probe.Check;
import dev.hearth.contracts.Probes;
import dev.hearth.contracts.RevisionSpec;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Probes in Cloud Run's messages, with its defaults. They count in whole seconds. */
final class Probing {
    /** A container has them to listen; see the runtime contract. */
    private static final int STARTUP_SECONDS = (int) Probes.LONGEST_STARTUP.toSeconds();

    private Probing() {}

    /**
     * Throws INVALID with the field that cannot be had.
     *
     * @param latest that there is: what is sent back as it was told stays exactly what it is
     */
    static Probes read(String path, Container sent, int port, Optional<RevisionSpec> latest) {
        Optional<Container> told = latest.map(r -> write(r, Container.newBuilder()).build());
        Optional<Probes> before = latest.map(r -> r.container().probes());
        return new Probes(
                startup(path + ".startupProbe", sent, port, told, before),
                liveness(path + ".livenessProbe", sent, told, before));
    }

    private static Optional<Probe> startup(
            String path,
            Container sent,
            int port,
            Optional<Container> told,
            Optional<Probes> before) {
        boolean same =
                told.filter(t -> t.getStartupProbe().equals(sent.getStartupProbe())).isPresent();
        if (same) {
            return before.flatMap(Probes::startup);
        }
        return !sent.hasStartupProbe() || sent.getStartupProbe().equals(usual(port))
                ? Optional.empty()
                : Optional.of(probe(path, sent.getStartupProbe()));
    }

    private static Optional<Probe> liveness(
            String path, Container sent, Optional<Container> told, Optional<Probes> before) {
        boolean same =
                told.filter(t -> t.getLivenessProbe().equals(sent.getLivenessProbe())).isPresent();
        if (same) {
            return before.flatMap(Probes::liveness);
        }
        return sent.hasLivenessProbe()
                ? Optional.of(probe(path, sent.getLivenessProbe()))
                : Optional.empty();
    }

    private static Probe probe(String path, com.google.cloud.run.v2.Probe sent) {
        Sent.only(
                path,
                sent,
                Set.of(
                        "initialDelaySeconds",
                        "timeoutSeconds",
                        "periodSeconds",
                        "failureThreshold",
                        "httpGet",
                        "tcpSocket",
                        "grpc"));
        int failures = sent.getFailureThreshold();
        return new Probe(
                check(path, sent),
                Duration.ofSeconds(sent.getInitialDelaySeconds()),
                seconds(sent.getPeriodSeconds(), Probe.DEFAULT_PERIOD),
                seconds(sent.getTimeoutSeconds(), Probe.DEFAULT_TIMEOUT),
                failures == 0 ? Probe.DEFAULT_FAILURES : failures);
    }

    private static Duration seconds(int sent, Duration usual) {
        return sent == 0 ? usual : Duration.ofSeconds(sent);
    }

    private static Check check(String path, com.google.cloud.run.v2.Probe sent) {
        return switch (sent.getProbeTypeCase()) {
            case HTTP_GET -> {
                HTTPGetAction get = sent.getHttpGet();
                Sent.only(path + ".httpGet", get, Set.of("path", "port"));
                yield new Check.Http(get.getPath().isEmpty() ? "/" : get.getPath(), get.getPort());
            }
            case GRPC -> new Check.Grpc(sent.getGrpc().getService(), sent.getGrpc().getPort());
            case TCP_SOCKET, PROBETYPE_NOT_SET -> new Check.Tcp(sent.getTcpSocket().getPort());
        };
    }

    /** The one that every container has: a TCP connection to its port within 240 s. */
    private static com.google.cloud.run.v2.Probe usual(int port) {
        return com.google.cloud.run.v2.Probe.newBuilder()
                .setTimeoutSeconds(STARTUP_SECONDS)
                .setPeriodSeconds(STARTUP_SECONDS)
                .setFailureThreshold(1)
                .setTcpSocket(TCPSocketAction.newBuilder().setPort(port))
                .build();
    }

    /** Tells a revision's. */
    static Container.Builder write(RevisionSpec r, Container.Builder into) {
        int port = r.container().port();
        into.setStartupProbe(
                r.container().probes().startup().map(p -> told(p, port)).orElse(usual(port)));
        r.container().probes().liveness().ifPresent(p -> into.setLivenessProbe(told(p, port)));
        return into;
    }

    private static com.google.cloud.run.v2.Probe told(Probe p, int containers) {
        com.google.cloud.run.v2.Probe.Builder probe =
                com.google.cloud.run.v2.Probe.newBuilder()
                        .setInitialDelaySeconds(whole(p.initialDelay()))
                        .setTimeoutSeconds(whole(p.timeout()))
                        .setPeriodSeconds(whole(p.period()))
                        .setFailureThreshold(p.failures());
        int port = p.port(containers);
        return (switch (p.check()) {
                    case Check.Http http ->
                            probe.setHttpGet(
                                    HTTPGetAction.newBuilder().setPath(http.path()).setPort(port));
                    case Check.Tcp _ ->
                            probe.setTcpSocket(TCPSocketAction.newBuilder().setPort(port));
                    case Check.Grpc grpc ->
                            probe.setGrpc(
                                    GRPCAction.newBuilder()
                                            .setService(grpc.service())
                                            .setPort(port));
                })
                .build();
    }

    private static int whole(Duration time) {
        return (int) Math.ceilDiv(time.toMillis(), 1000L);
    }
}
