package dev.hearth.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The overlays as kubectl builds them. */
class OverlaysTest {
    /** What CloudNativePG makes beside a cluster with the name that ours has. */
    private static final Map<String, Set<String>> OF_OPERATORS =
            Map.of("hearth-db-app", Set.of("username", "password"));

    @TempDir private Path copy;

    @BeforeEach
    void copy() throws Exception {
        Kustomize.need();
        Kustomize.copy(copy);
    }

    @ParameterizedTest
    @ValueSource(strings = {"single-node", "production"})
    void overlay_built_isReadStrictlyAndInOneNamespace(String overlay) throws Exception {
        List<JsonNode> documents = Kustomize.build(copy, overlay);
        assertThat(documents)
                .hasSizeGreaterThan(10)
                .allSatisfy(
                        document -> {
                            String kind = StrictReader.kind(document);
                            if (!kind.startsWith("postgresql.cnpg.io/")) {
                                StrictReader.read(document);
                            }
                            if (!kind.endsWith(" Namespace") && !kind.endsWith(" PriorityClass")) {
                                assertThat(document.at("/metadata/namespace").asText())
                                        .as(kind)
                                        .isEqualTo("hearth");
                            }
                        });
    }

    /** By kubectl itself, from a server that only says which kinds there are. */
    @ParameterizedTest
    @ValueSource(strings = {"single-node", "production"})
    void overlay_appliedAsADryRun_isTakenWhole(String overlay) throws Exception {
        try (Discovery server = new Discovery()) {
            String taken = Kustomize.dryRun(copy, overlay, server.url());
            assertThat(taken.lines())
                    .hasSameSizeAs(Kustomize.build(copy, overlay))
                    .contains("namespace/hearth", "daemonset.apps/hearth-node");
            assertThat(server.orders()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"single-node", "production"})
    void overlay_processes_areGivenAllThatTheyNeed(String overlay) throws Exception {
        List<HasMetadata> resources = resources(overlay);
        assertThat(pods(resources))
                .hasSize(3)
                .allSatisfy(
                        pods ->
                                assertThat(given(pods.container(), resources))
                                        .as(pods.process())
                                        .containsAll(
                                                ProcessSettings.of(pods.process()).required()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"single-node", "production"})
    void overlay_whatPodsName_isThere(String overlay) throws Exception {
        List<HasMetadata> resources = resources(overlay);
        assertThat(pods(resources))
                .allSatisfy(
                        pods -> {
                            var spec = pods.template().getSpec();
                            find(resources, ServiceAccount.class, spec.getServiceAccountName());
                            find(resources, PriorityClass.class, spec.getPriorityClassName());
                        });
        Pods gateway = pods(resources).stream().filter(OverlaysTest::isGateway).findFirst().get();
        for (String variable : List.of("HEARTH_NODES", "HEARTH_GATEWAY_PEERS")) {
            String[] address = gateway.variable(variable).split(":");
            assertThat(find(resources, Service.class, address[0]).getSpec().getPorts())
                    .extracting(p -> p.getPort())
                    .containsExactly(Integer.parseInt(address[1]));
        }
    }

    /** A node runs strangers' programs: it is told neither the database's password nor tokens. */
    @ParameterizedTest
    @ValueSource(strings = {"single-node", "production"})
    void overlay_nodesAndAutoscalers_areNotToldWhatOnlyGatewaysKnow(String overlay)
            throws Exception {
        List<HasMetadata> resources = resources(overlay);
        assertThat(pods(resources))
                .filteredOn(p -> !isGateway(p))
                .hasSize(2)
                .allSatisfy(
                        pods ->
                                assertThat(given(pods.container(), resources))
                                        .doesNotContain(
                                                "HEARTH_DATABASE_PASSWORD",
                                                "HEARTH_ADMIN_TOKEN",
                                                "HEARTH_INVOKER_TOKEN"));
    }

    @Test
    void production_images_haveAVersion() throws Exception {
        assertThat(pods(resources("production")))
                .allSatisfy(
                        pods ->
                                assertThat(pods.container().getImage())
                                        .matches(".+/hearth/" + pods.process() + ":[0-9.]+"));
    }

    @Test
    void production_addressesOfEngines_areThoseThatTheOperatorsMake() throws Exception {
        List<JsonNode> documents = Kustomize.build(copy, "production");
        Map<String, String> settings =
                find(resources("production"), ConfigMap.class, "hearth").getData();
        assertThat(settings.get("HEARTH_KAFKA"))
                .isEqualTo(name(documents, "Kafka") + "-kafka-bootstrap:9092");
        assertThat(settings.get("HEARTH_DATABASE_URL"))
                .contains("://" + name(documents, "Cluster") + "-rw:5432/");
    }

    private List<HasMetadata> resources(String overlay) throws Exception {
        return Kustomize.build(copy, overlay).stream()
                .filter(StrictReader::knows)
                .map(StrictReader::read)
                .toList();
    }

    private static List<Pods> pods(List<HasMetadata> resources) {
        return resources.stream().flatMap(r -> Pods.of(r).stream()).toList();
    }

    private static boolean isGateway(Pods pods) {
        return pods.process().equals("gateway");
    }

    /** The names of all variables of a container; what it takes them from is there. */
    private static Set<String> given(Container container, List<HasMetadata> resources) {
        Set<String> names = new TreeSet<>();
        for (EnvVar variable : container.getEnv()) {
            names.add(variable.getName());
            if (variable.getValueFrom() != null
                    && variable.getValueFrom().getSecretKeyRef() != null) {
                var key = variable.getValueFrom().getSecretKeyRef();
                assertThat(OF_OPERATORS.getOrDefault(key.getName(), Set.of()))
                        .as(key.getName())
                        .contains(key.getKey());
            }
        }
        for (EnvFromSource source : container.getEnvFrom()) {
            if (source.getConfigMapRef() != null) {
                names.addAll(
                        find(resources, ConfigMap.class, source.getConfigMapRef().getName())
                                .getData()
                                .keySet());
            } else {
                names.addAll(
                        find(resources, Secret.class, source.getSecretRef().getName())
                                .getData()
                                .keySet());
            }
        }
        return names;
    }

    /** The one with this name, or with this name and a hash of its content. */
    private static <T extends HasMetadata> T find(
            List<HasMetadata> resources, Class<T> kind, String name) {
        List<T> found =
                resources.stream()
                        .filter(kind::isInstance)
                        .map(kind::cast)
                        .filter(r -> r.getMetadata().getName().matches(name + "(-[a-z0-9]{10})?"))
                        .toList();
        assertThat(found).as(kind.getSimpleName() + " " + name).hasSize(1);
        return found.getFirst();
    }

    private static String name(List<JsonNode> documents, String kind) {
        return documents.stream()
                .filter(d -> d.path("kind").asText().equals(kind))
                .findFirst()
                .orElseThrow()
                .at("/metadata/name")
                .asText();
    }
}
