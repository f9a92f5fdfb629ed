package dev.hearth.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Durations;
import dev.hearth.process.RoomOrder;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What pods may do to the machine, and how long they may take to stop. */
class PodsTest {
    /** Requests of its own, and before them those of other gateways, each have ten seconds. */
    private static final Duration GATEWAY_REQUESTS = Duration.ofSeconds(20);

    /** Instances have ten seconds from SIGTERM to SIGKILL. */
    private static final Duration INSTANCES = Duration.ofSeconds(10);

    /** Kafka, the database, the launcher and the JVM. */
    private static final Duration CLOSING = Duration.ofSeconds(10);

    @Test
    void gatewayAndAutoscaler_keepToTheRestrictedLevel() {
        for (String process : List.of("gateway", "autoscaler")) {
            Pods pods = Pods.ofBase(process);
            assertThat(Restricted.violations(pods.template().getSpec())).as(process).isEmpty();
            assertThat(pods.container().getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        }
    }

    @Test
    void node_aloneIsPrivileged() {
        assertThat(Restricted.violations(Pods.ofBase("node").template().getSpec()))
                .containsExactly(
                        "hostNetwork",
                        "volume data",
                        "volume cgroup",
                        "privileged",
                        "allowPrivilegeEscalation",
                        "capabilities",
                        "runAsNonRoot",
                        "runAsUser",
                        "seccompProfile",
                        "hostPort 8082",
                        "hostPort 8083",
                        "hostPort 8084");
    }

    @Test
    void tokensOfKubernetes_areGivenToNobody() {
        assertThat(Pods.ofBase())
                .allSatisfy(
                        pods ->
                                assertThat(
                                                pods.template()
                                                        .getSpec()
                                                        .getAutomountServiceAccountToken())
                                        .as(pods.process())
                                        .isFalse());
    }

    @Test
    void grace_ofTheGateway_coversItsDrain() {
        assertThat(grace("gateway"))
                .isGreaterThanOrEqualTo(
                        drain("gateway", "HEARTH_GATEWAY_DRAIN")
                                .plus(GATEWAY_REQUESTS)
                                .plus(CLOSING));
    }

    @Test
    void grace_ofTheNode_coversItsDrain() {
        assertThat(grace("node"))
                .isGreaterThanOrEqualTo(
                        drain("node", "HEARTH_NODE_DRAIN").plus(INSTANCES).plus(CLOSING));
    }

    /** A room that takes longer is given up, in the middle of its drain. */
    @Test
    void drains_areShorterThanARoomHasToStop() {
        assertThat(drain("node", "HEARTH_NODE_DRAIN")).isLessThan(RoomOrder.STOP_DEADLINE);
        assertThat(drain("gateway", "HEARTH_GATEWAY_DRAIN").plus(GATEWAY_REQUESTS))
                .isLessThan(RoomOrder.STOP_DEADLINE);
    }

    private static Duration grace(String process) {
        return Duration.ofSeconds(
                Pods.ofBase(process).template().getSpec().getTerminationGracePeriodSeconds());
    }

    private static Duration drain(String process, String variable) {
        return Durations.parse(Pods.ofBase(process).variable(variable));
    }
}
