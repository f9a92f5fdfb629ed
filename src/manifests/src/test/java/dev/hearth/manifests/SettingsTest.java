package dev.hearth.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Probe;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The names in the manifests against the code that they are for. */
class SettingsTest {
    @Test
    void code_settingsOfEachProcess_areFound() {
        assertThat(settings("gateway").variables())
                .contains(
                        "HEARTH_DATABASE_URL",
                        "HEARTH_HTTP_PORT",
                        "HEARTH_GATEWAY_PEERS",
                        "HEARTH_ACME_DOMAINS");
        assertThat(settings("gateway").required())
                .containsExactly(
                        "HEARTH_ADMIN_TOKEN",
                        "HEARTH_CLUSTER_TOKEN",
                        "HEARTH_DATABASE_URL",
                        "HEARTH_DATABASE_USER",
                        "HEARTH_KAFKA",
                        "HEARTH_NODES");
        assertThat(settings("node").variables()).contains("HEARTH_IMAGES_MIRRORS");
        assertThat(settings("node").required())
                .containsExactly("HEARTH_CLUSTER_TOKEN", "HEARTH_KAFKA");
        assertThat(settings("autoscaler").required()).containsExactly("HEARTH_KAFKA");
    }

    @Test
    void variables_ofEachContainer_areReadByItsProcess() {
        assertThat(Pods.ofBase())
                .hasSize(3)
                .allSatisfy(
                        pods ->
                                assertThat(settings(pods.process()).variables())
                                        .as(pods.process())
                                        .containsAll(
                                                pods.container().getEnv().stream()
                                                        .map(EnvVar::getName)
                                                        .toList()));
    }

    @Test
    void settings_ofEachOverlay_areReadBySomeProcess() {
        Set<String> known = new TreeSet<>();
        for (String process : List.of("gateway", "node", "autoscaler")) {
            known.addAll(settings(process).variables());
        }
        for (String overlay : Documents.OVERLAYS) {
            Path folder = Documents.FOLDER.resolve("overlays").resolve(overlay);
            for (String file : List.of("settings.env", "cluster.env.example")) {
                assertThat(Documents.variables(folder.resolve(file)))
                        .as(overlay + "/" + file)
                        .isNotEmpty()
                        .allSatisfy((name, value) -> assertThat(known).contains(name));
            }
            assertThat(settings("gateway").variables())
                    .containsAll(
                            Documents.variables(folder.resolve("gateway.env.example")).keySet());
        }
    }

    @Test
    void ports_ofEachContainer_areListenedOn() {
        assertThat(Pods.ofBase())
                .allSatisfy(
                        pods ->
                                assertThat(settings(pods.process()).ports())
                                        .as(pods.process())
                                        .containsAll(
                                                pods.container().getPorts().stream()
                                                        .map(ContainerPort::getContainerPort)
                                                        .toList()));
    }

    @Test
    void probes_ofEachContainer_askQuarkusForHealth() {
        assertThat(Pods.ofBase())
                .allSatisfy(
                        pods -> {
                            var container = pods.container();
                            ask(pods, container.getStartupProbe(), "/q/health/started");
                            ask(pods, container.getReadinessProbe(), "/q/health/ready");
                            ask(pods, container.getLivenessProbe(), "/q/health/live");
                        });
    }

    /**
     * Its file system is read-only but for its data, which has to be where the process keeps it.
     */
    @Test
    void data_ofGatewayAndNode_areOnTheirVolumes() {
        for (String process : List.of("gateway", "node")) {
            assertThat(Pods.ofBase(process).container().getVolumeMounts())
                    .filteredOn(m -> m.getName().equals("data"))
                    .extracting(m -> m.getMountPath())
                    .containsExactly(settings(process).byDefault("hearth.data").orElseThrow());
        }
    }

    private static void ask(Pods pods, Probe probe, String path) {
        assertThat(probe.getHttpGet().getPath()).as(pods.process()).isEqualTo(path);
        assertThat(pods.port(probe.getHttpGet().getPort().getStrVal()))
                .as(pods.process())
                .isEqualTo(settings(pods.process()).healthPort());
    }

    private static ProcessSettings settings(String process) {
        return ProcessSettings.of(process);
    }
}
