package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.knative.client.KnativeClient;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.serving.v1.ServiceBuilder;
import io.fabric8.knative.serving.v1.TrafficTargetBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A Knative Service as its users have it: their YAML by {@code hearth apply}, and their client. */
@Tag("root")
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(SharedPlatform.class)
class KnativeTest {
    @TempDir private Path scratch;
    private static Platform platform;

    @BeforeAll
    static void start(Platform shared) {
        platform = shared;
    }

    private Platform.Result apply(String yaml) throws Exception {
        Path file = Files.writeString(scratch.resolve("service.yaml"), yaml);
        return platform.hearth("apply", "-f", file.toString());
    }

    private static String service(String revision, String more) {
        return """
            apiVersion: serving.knative.dev/v1
            kind: Service
            metadata:
              name: applied
            spec:
              template:
                metadata:
                  name: applied-%s
                  annotations:
                    autoscaling.knative.dev/max-scale: "3"
                spec:
                  containerConcurrency: 10
                  containers:
                    - image: %s
                      env:
                        - name: WHO
                          value: %s
            %s
            """
                .formatted(revision, Platform.HELLO, revision, more);
    }

    @Test
    void apply_yamlOfKnative_deploysAndSharesRequests() throws Exception {
        Platform.Result created = apply(service("one", ""));
        assertThat(created.err()).isEmpty();
        assertThat(created.out()).contains("applied created, revision applied-one");
        assertThat(created.lastLine())
                .isEqualTo("http://applied.localhost:" + platform.httpPort + "/");
        assertThat(platform.get("applied", "/env").asString()).contains("WHO=one");

        // the same again deploys nothing
        assertThat(apply(service("one", "")).out())
                .contains("applied configured, revision applied-one");
        assertThat(platform.hearth("revisions", "applied").out().lines().count()).isEqualTo(2);

        String toTheOld =
                "  traffic:\n    - revisionName: applied-one\n      percent: 100\n"
                        + "    - latestRevision: true\n      percent: 0\n      tag: next\n";
        assertThat(apply(service("two", toTheOld)).out()).contains("revision applied-two");
        assertThat(platform.get("applied", "/env").asString()).contains("WHO=one");
        assertThat(platform.get("next---applied", "/env").asString()).contains("WHO=two");

        Platform.Result refused =
                apply(
                        service("three", "")
                                .replace("env:", "volumeMounts: [{name: v}]\n          env:"));
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("spec.template.spec.containers[0].volumeMounts");
        assertThat(apply("a: [").code()).isEqualTo(2);
        assertThat(apply("").code()).isEqualTo(2);
    }

    @Test
    void client_ofKnative_createsGetsListsAndDeletes() {
        Config config =
                new ConfigBuilder()
                        .withMasterUrl("http://127.0.0.1:" + platform.adminPort)
                        .withOauthToken(platform.token())
                        .withNamespace("default")
                        .withRequestTimeout(30_000)
                        .withRequestRetryBackoffLimit(0)
                        .build();
        try (KubernetesClient kubernetes =
                new KubernetesClientBuilder().withConfig(config).build()) {
            KnativeClient knative = kubernetes.adapt(KnativeClient.class);
            Service wanted =
                    new ServiceBuilder()
                            .withNewMetadata()
                            .withName("by-client")
                            .endMetadata()
                            .withNewSpec()
                            .withNewTemplate()
                            .withNewSpec()
                            .addNewContainer()
                            .withImage(Platform.HELLO)
                            .endContainer()
                            .endSpec()
                            .endTemplate()
                            .endSpec()
                            .build();

            Service created = knative.services().resource(wanted).create();
            assertThat(created.getStatus().getUrl())
                    .isEqualTo("http://by-client.localhost:" + platform.httpPort + "/");
            assertThat(platform.get("by-client", "/").statusCode()).isEqualTo(200);
            assertThatThrownBy(() -> knative.services().resource(wanted).create())
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining("already");

            Service there = knative.services().withName("by-client").get();
            assertThat(there.getStatus().getConditions())
                    .anySatisfy(
                            c -> {
                                assertThat(c.getType()).isEqualTo("Ready");
                                assertThat(c.getStatus()).isEqualTo("True");
                            });
            there.getSpec()
                    .setTraffic(
                            List.of(
                                    new TrafficTargetBuilder()
                                            .withLatestRevision(true)
                                            .withPercent(100L)
                                            .withTag("now")
                                            .build()));
            Service replaced = knative.services().resource(there).update();
            assertThat(replaced.getStatus().getTraffic().getFirst().getUrl())
                    .contains("now---by-client");
            assertThat(knative.services().list().getItems())
                    .extracting(s -> s.getMetadata().getName())
                    .contains("by-client");
            assertThat(knative.services().withName("nobody").get()).isNull();

            knative.services().withName("by-client").delete();
            assertThat(knative.services().withName("by-client").get()).isNull();
            assertThat(platform.get("by-client", "/").statusCode()).isEqualTo(404);
        }
    }
}
