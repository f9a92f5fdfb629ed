package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.testing.Eventually;
import io.fabric8.knative.client.KnativeClient;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.knative.serving.v1.ServiceBuilder;
import io.fabric8.knative.serving.v1.TrafficTargetBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
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

    private KubernetesClient kubernetes() {
        Config config =
                new ConfigBuilder()
                        .withMasterUrl("http://127.0.0.1:" + platform.adminPort)
                        .withOauthToken(platform.token())
                        .withNamespace("default")
                        .withRequestTimeout(30_000)
                        .withRequestRetryBackoffLimit(0)
                        .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    @Test
    void client_ofKnative_watches() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        Watcher<Service> watcher =
                new Watcher<>() {
                    @Override
                    public void eventReceived(Action action, Service service) {
                        seen.add(
                                action
                                        + " "
                                        + service.getMetadata().getName()
                                        + " "
                                        + service.getMetadata().getGeneration());
                    }

                    @Override
                    public void onClose(WatcherException why) {
                        seen.add("closed: " + why);
                    }
                };
        assertThat(platform.deploy("there-before").code()).isZero();
        try (KubernetesClient kubernetes = kubernetes();
                Watch all = kubernetes.adapt(KnativeClient.class).services().watch(watcher)) {
            awaitSeen(seen, "ADDED there-before 1");
            assertThat(platform.deploy("watched").code()).isZero();
            awaitSeen(seen, "ADDED watched 1");
            assertThat(platform.deploy("watched", "--concurrency", "5").code()).isZero();
            awaitSeen(seen, "MODIFIED watched 2");
            assertThat(platform.hearth("delete", "watched").code()).isZero();
            awaitSeen(seen, "DELETED watched 2");
            assertThat(seen).filteredOn(e -> e.contains(" watched ")).hasSize(3);
            assertThat(seen).noneMatch(e -> e.startsWith("closed"));
        } finally {
            platform.hearth("delete", "there-before");
        }
    }

    /** What is listed first, then watched from there, over and over: how operators see services. */
    @Test
    void client_ofKnative_informs() throws Exception {
        try (KubernetesClient kubernetes = kubernetes();
                SharedIndexInformer<Service> known =
                        kubernetes.adapt(KnativeClient.class).services().inform()) {
            assertThat(platform.deploy("informed").code()).isZero();
            Eventually.until(
                    "it is known",
                    Duration.ofSeconds(20),
                    () -> known.getStore().getByKey("default/informed") != null);
            assertThat(platform.hearth("delete", "informed").code()).isZero();
            Eventually.until(
                    "it is known to be gone",
                    Duration.ofSeconds(20),
                    () -> known.getStore().getByKey("default/informed") == null);
        }
    }

    @Test
    void watch_fromAPlace_tellsWhatCameAfterItAndEndsInTime() throws Exception {
        String services = "/apis/serving.knative.dev/v1/namespaces/default/services";
        String from =
                platform.admin()
                        .basePath("")
                        .get(services)
                        .jsonPath()
                        .getString("metadata.resourceVersion");
        assertThat(platform.deploy("between").code()).isZero();
        try {
            Response told =
                    platform.admin()
                            .basePath("")
                            .queryParam("watch", "true")
                            .queryParam("timeoutSeconds", 3)
                            .queryParam("resourceVersion", from)
                            .queryParam("fieldSelector", "metadata.name=between")
                            .get(services);
            assertThat(told.statusCode()).isEqualTo(200);
            List<String> lines = told.asString().lines().toList();
            assertThat(lines).hasSize(1).first().asString().startsWith("{\"type\":\"ADDED\"");
            String after =
                    JsonPath.from(lines.getFirst()).getString("object.metadata.resourceVersion");
            Response nothing =
                    platform.admin()
                            .basePath("")
                            .queryParam("watch", "true")
                            .queryParam("timeoutSeconds", 2)
                            .queryParam("resourceVersion", after)
                            .get(services);
            assertThat(nothing.asString()).doesNotContain("between");
            Response gone =
                    platform.admin()
                            .basePath("")
                            .queryParam("watch", "true")
                            .queryParam("resourceVersion", "12345")
                            .get(services);
            assertThat(gone.statusCode()).isEqualTo(410);
            assertThat(gone.jsonPath().getString("reason")).isEqualTo("Expired");
            assertThat(
                            platform.admin()
                                    .basePath("")
                                    .queryParam("labelSelector", "no=such")
                                    .get(services)
                                    .jsonPath()
                                    .getList("items"))
                    .isEmpty();
        } finally {
            platform.hearth("delete", "between");
        }
    }

    private static void awaitSeen(List<String> seen, String event) throws Exception {
        Eventually.until(
                event + " is seen, of " + seen, Duration.ofSeconds(20), () -> seen.contains(event));
    }

    @Test
    void client_ofKnative_createsGetsListsAndDeletes() {
        try (KubernetesClient kubernetes = kubernetes()) {
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
