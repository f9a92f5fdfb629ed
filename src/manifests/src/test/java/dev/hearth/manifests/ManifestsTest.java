package dev.hearth.manifests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The manifests by themselves. */
class ManifestsTest {
    /** kustomize's own, which it checks as the overlays are built; and one without a model. */
    private static final Set<String> OTHERS =
            Set.of(
                    "kustomize.config.k8s.io/v1beta1 Kustomization",
                    "postgresql.cnpg.io/v1 Cluster");

    @Test
    void everyDocument_readStrictly_hasOnlyFieldsOfItsKind() {
        assertThat(Documents.all()).containsKeys("gateway/deployment.yaml");
        Documents.all()
                .forEach(
                        (file, documents) ->
                                assertThat(documents)
                                        .as(file)
                                        .isNotEmpty()
                                        .allSatisfy(ManifestsTest::readStrictly));
    }

    @Test
    void read_unknownFieldOrNumberForText_fails() {
        String policy = "apiVersion: policy/v1\nkind: PodDisruptionBudget\n";
        assertThatThrownBy(() -> StrictReader.read(one(policy + "spec: {maxUnavailble: 1}")))
                .hasMessageContaining("maxUnavailble");
        assertThatThrownBy(() -> StrictReader.read(one(policy + "metadata: {labels: {a: 1}}")))
                .hasMessageContaining("labels");
        String topic = "apiVersion: kafka.strimzi.io/v1\nkind: KafkaTopic\n";
        assertThatThrownBy(() -> StrictReader.read(one(topic + "spec: {partitons: 1}")))
                .hasMessageContaining("partitons");
    }

    /** What is applied must not undo what the autoscaler of pods has decided since. */
    @Test
    void replicas_ofWhatIsScaledByKubernetes_areNotGiven() {
        List<String> scaled =
                resources().stream()
                        .filter(HorizontalPodAutoscaler.class::isInstance)
                        .map(r -> (HorizontalPodAutoscaler) r)
                        .map(h -> h.getSpec().getScaleTargetRef().getName())
                        .toList();
        assertThat(scaled).containsExactly("hearth-gateway");
        assertThat(resources())
                .filteredOn(r -> scaled.contains(r.getMetadata().getName()))
                .filteredOn(Deployment.class::isInstance)
                .isNotEmpty()
                .allSatisfy(d -> assertThat(((Deployment) d).getSpec().getReplicas()).isNull());
    }

    @Test
    void services_portsAndPods_areThere() {
        List<Service> services = of(Service.class);
        assertThat(services)
                .isNotEmpty()
                .allSatisfy(
                        service -> {
                            Pods pods = selected(service.getSpec().getSelector().values());
                            service.getSpec()
                                    .getPorts()
                                    .forEach(p -> pods.port(p.getTargetPort().getStrVal()));
                        });
    }

    /** A headless service changes no port: what it says is what the pods listen on. */
    @Test
    void headlessServices_ports_areThoseOfThePods() {
        assertThat(of(Service.class))
                .filteredOn(s -> "None".equals(s.getSpec().getClusterIP()))
                .hasSize(2)
                .allSatisfy(
                        service -> {
                            Pods pods = selected(service.getSpec().getSelector().values());
                            assertThat(service.getSpec().getPorts())
                                    .allMatch(
                                            p ->
                                                    p.getPort()
                                                            == pods.port(
                                                                    p.getTargetPort().getStrVal()));
                        });
    }

    @Test
    void networkPolicies_portsAndPods_areThere() {
        assertThat(of(NetworkPolicy.class))
                .filteredOn(p -> p.getSpec().getPodSelector().getMatchLabels() != null)
                .filteredOn(p -> !p.getSpec().getPodSelector().getMatchLabels().isEmpty())
                .isNotEmpty()
                .allSatisfy(
                        policy -> {
                            var labels = policy.getSpec().getPodSelector().getMatchLabels();
                            Pods pods = selected(labels.values());
                            policy.getSpec().getIngress().stream()
                                    .flatMap(rule -> rule.getPorts().stream())
                                    .forEach(port -> pods.port(port.getPort().getStrVal()));
                        });
    }

    private static void readStrictly(JsonNode document) {
        if (!OTHERS.contains(StrictReader.kind(document))) {
            StrictReader.read(document);
        }
    }

    private static JsonNode one(String text) {
        return Documents.parse(text).getFirst();
    }

    private static Pods selected(Iterable<String> labels) {
        return Pods.ofBase(labels.iterator().next().replaceFirst("^hearth-", ""));
    }

    private static <T> List<T> of(Class<T> kind) {
        return resources().stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private static List<HasMetadata> resources() {
        return Documents.all().entrySet().stream()
                .filter(file -> !file.getKey().startsWith("overlays/"))
                .flatMap(file -> file.getValue().stream())
                .filter(StrictReader::knows)
                .map(StrictReader::read)
                .toList();
    }
}
