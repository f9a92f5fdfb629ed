package dev.hearth.gateway.knative;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hearth.contracts.Billing;
import dev.hearth.contracts.Budget;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.IdleCpu;
import dev.hearth.contracts.InstanceBounds;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.Metadata;
import dev.hearth.contracts.Probes;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.ScalingRules;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceCondition;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.ServiceVersion;
import dev.hearth.contracts.TrafficTarget;
import dev.hearth.gateway.admin.PublicAddress;
import dev.hearth.testing.Revisions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceReaderTest {
    private static final String WHOLE =
            """
            {"apiVersion": "serving.knative.dev/v1", "kind": "Service",
             "metadata": {"name": "hello", "namespace": "default", "labels": {"a": "b"},
              "annotations": {"c": "d"}, "resourceVersion": "7-1"},
             "spec": {
              "template": {
               "metadata": {"name": "hello-v2", "labels": {"e": "f"}, "annotations": {"g": "h",
                "autoscaling.knative.dev/min-scale": "1", "autoscaling.knative.dev/maxScale": "7",
                "autoscaling.knative.dev/target": "20", "autoscaling.knative.dev/window": "30s",
                "autoscaling.knative.dev/panic-window-percentage": "20",
                "autoscaling.knative.dev/class": "kpa.autoscaling.knative.dev",
                "autoscaling.knative.dev/scale-to-zero-pod-retention-period": "2m"}},
               "spec": {"containerConcurrency": 50, "timeoutSeconds": 60, "containers": [{
                "image": "localhost:8080/hello:v2", "command": ["/hello"], "args": ["-v"],
                "env": [{"name": "A", "value": "1"}, {"name": "B"}],
                "ports": [{"name": "h2c", "containerPort": 9000}],
                "resources": {"limits": {"cpu": "2", "memory": "1Gi"}, "requests": {"cpu": "500m"}}
               }]}},
              "traffic": [
               {"latestRevision": true, "percent": 90},
               {"revisionName": "hello-v1", "percent": 10, "tag": "old"}]}}""";

    private static final ObjectMapper JSON = new ObjectMapper();

    private static DeployRequest read(String text) throws Exception {
        return ServiceReader.read(JSON.readTree(text), "default");
    }

    @Test
    void read_everything_asKnativeMeansIt() throws Exception {
        DeployRequest request = read(WHOLE);

        assertThat(request.service()).isEqualTo(new ServiceName("hello"));
        assertThat(request.image()).isEqualTo("localhost:8080/hello:v2");
        assertThat(request.container().command()).containsExactly("/hello");
        assertThat(request.container().args()).containsExactly("-v");
        assertThat(request.container().env()).isEqualTo(Map.of("A", "1", "B", ""));
        assertThat(request.container().port()).isEqualTo(9000);
        assertThat(request.container().http2()).isTrue();
        assertThat(request.resources().cpu().millis()).isEqualTo(500);
        assertThat(request.resources().cpuLimit().millis()).isEqualTo(2000);
        assertThat(request.resources().memory()).isEqualTo(DataSize.parse("1Gi"));
        assertThat(request.scaling().concurrency()).isEqualTo(50);
        assertThat(request.scaling().minInstances()).isEqualTo(1);
        assertThat(request.scaling().maxInstances()).isEqualTo(7);
        assertThat(request.scaling().idle()).isEqualTo(Duration.ofMinutes(2));
        assertThat(request.scaling().rules())
                .isEqualTo(ScalingRules.parse("target=20,window=30s,panic-window=20%"));
        assertThat(request.requests().timeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(request.rollout().suffix()).isEqualTo("v2");
        assertThat(request.metadata()).isEqualTo(new Metadata(Map.of("e", "f"), Map.of("g", "h")));
        assertThat(request.rollout().change().metadata())
                .contains(new Metadata(Map.of("a", "b"), Map.of("c", "d")));
        assertThat(request.rollout().change().condition())
                .isEqualTo(ServiceCondition.unchanged("7-1"));
        assertThat(request.rollout().change().traffic())
                .containsExactly(
                        new TrafficTarget(Optional.empty(), 90, ""),
                        new TrafficTarget(Optional.of(new RevisionName("hello-v1")), 10, "old"));
    }

    @Test
    void read_cpuNotThrottled_isBilledByInstance_asCloudRunHasIt() throws Exception {
        DeployRequest request =
                read(
                        WHOLE.replace(
                                "\"annotations\": {\"g\": \"h\",",
                                "\"annotations\": {\"g\": \"h\","
                                        + " \"run.googleapis.com/cpu-throttling\": \"false\","));
        assertThat(request.resources().billing()).isEqualTo(Billing.INSTANCE);
        assertThat(request.scaling().rules().idleCpu()).isEqualTo(IdleCpu.FULL);
        assertThat(request.metadata()).isEqualTo(new Metadata(Map.of("e", "f"), Map.of("g", "h")));
        assertThat(read(WHOLE).resources().billing()).isEqualTo(Billing.REQUEST);
    }

    @Test
    void read_least_hasKnativesDefaults() throws Exception {
        DeployRequest request =
                read(
                        """
                        {"apiVersion": "serving.knative.dev/v1", "kind": "Service",
                         "metadata": {"name": "hello"},
                         "spec": {"template": {"spec": {"containers": [{"image": "oci:/x"}]}}}}""");

        assertThat(request.scaling().concurrency()).isZero();
        assertThat(request.requests().timeout()).isEqualTo(Duration.ofSeconds(300));
        assertThat(request.container().port()).isEqualTo(8080);
        assertThat(request.rollout().change().traffic()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"kind\": \"Service\"=>\"kind\": \"Route\"=>kind",
                "serving.knative.dev/v1=>v1=>apiVersion",
                "\"namespace\": \"default\"=>\"namespace\": \"other\"=>metadata.namespace",
                "\"name\": \"hello\",=>=>metadata.name",
                "\"hello-v2\"=>\"other-v2\"=>spec.template.metadata.name",
                "\"timeoutSeconds\": 60=>\"timeoutSeconds\": \"x\"=>spec.template.spec.timeoutSeconds",
                "\"args\": [\"-v\"]=>\"args\": \"-v\"=>containers[0].args",
                "\"args\": [\"-v\"]=>\"volumeMounts\": [{\"name\": \"v\"}]=>containers[0].volumeMounts",
                "\"args\": [\"-v\"]=>\"livenessProbe\": {\"exec\": {\"command\": [\"x\"]}}=>livenessProbe.exec",
                "\"args\": [\"-v\"]=>\"readinessProbe\": {\"httpGet\": {\"path\": \"x\"}}=>\"x\" does not begin with /",
                "\"args\": [\"-v\"]=>\"readinessProbe\": {\"httpGet\": {\"httpHeaders\": [{\"name\": \"a\"}]}}=>readinessProbe.httpGet.httpHeaders",
                "\"args\": [\"-v\"]=>\"readinessProbe\": {\"httpGet\": {\"scheme\": \"HTTPS\"}}=>readinessProbe.httpGet.scheme",
                "\"args\": [\"-v\"]=>\"livenessProbe\": {\"grpc\": {}, \"successThreshold\": 2}=>livenessProbe.successThreshold",
                "\"args\": [\"-v\"]=>\"readinessProbe\": {\"grpc\": {\"port\": 1}}, \"startupProbe\": {\"grpc\": {\"port\": 1}}=>startupProbe cannot be given beside",
                "\"value\": \"1\"=>\"valueFrom\": {\"x\": 1}=>env[0].valueFrom",
                "\"h2c\"=>\"tls\"=>ports[0].name",
                "\"500m\"}=>\"500m\", \"nvidia.com/gpu\": \"1\"}=>requests.nvidia.com/gpu",
                "\"containerConcurrency\": 50=>\"volumes\": [{\"name\": \"v\"}]=>spec.template.spec.volumes",
                "\"percent\": 90=>\"percent\": 80=>add up to 90",
                "\"latestRevision\": true=>\"latestRevision\": true, \"revisionName\": \"hello-v1\"=>traffic[0].latestRevision",
                "dev/window=>dev/metric=>metric",
                "dev/window=>dev/speed=>speed",
                "\"spec\": {\"containerConcurrency\"=>\"extra\": 1, \"spec\": {\"containerConcurrency\"=>spec.template.extra"
            })
    void read_whatCannotBeHad_refusedWithItsField(String change) {
        String[] parts = change.split("=>");
        String changed = WHOLE.replaceFirst(java.util.regex.Pattern.quote(parts[0]), parts[1]);
        assertThat(changed).isNotEqualTo(WHOLE);

        assertThatThrownBy(() -> read(changed))
                .isInstanceOfSatisfying(
                        HearthException.class, e -> assertThat(e.sentence()).contains(parts[2]));
    }

    private static Service service(RevisionSpec revision, Metadata metadata) {
        return new Service(
                revision.service(),
                new ServiceVersion(new UUID(1, 2), 3),
                metadata,
                revision,
                Invokers.ANYONE,
                InstanceBounds.NONE,
                Budget.NONE,
                TrafficTarget.ALL_TO_LATEST,
                List.of(revision),
                Instant.parse("2026-01-01T00:00:00.5Z"),
                Instant.parse("2026-01-02T00:00:00Z"));
    }

    private static Probes probes(String probes) throws Exception {
        return read(WHOLE.replaceFirst("\"args\": \\[\"-v\"\\]", probes)).container().probes();
    }

    @Test
    void read_probes_readinessIsTakenForStartup() throws Exception {
        assertThat(probes("\"args\": []")).isEqualTo(Probes.NONE);
        // what Knative fills in
        assertThat(
                        probes(
                                "\"readinessProbe\": {\"tcpSocket\": {\"port\": 0}, \"successThreshold\": 1}"))
                .isEqualTo(Probes.NONE);
        assertThat(
                        probes(
                                "\"readinessProbe\": {\"httpGet\": {\"path\": \"/ready\"}, \"periodSeconds\": 5}"))
                .isEqualTo(Probes.parse("http:/ready,period=5s,failures=48", ""));
        assertThat(
                        probes(
                                "\"readinessProbe\": {\"tcpSocket\": {\"port\": 9}, \"initialDelaySeconds\": 40}"))
                .isEqualTo(Probes.parse("tcp,port=9,delay=40s,failures=20", ""));
        assertThat(
                        probes(
                                """
                                "startupProbe": {"grpc": {"service": "a.B"}, "failureThreshold": 2},
                                "livenessProbe": {"httpGet": {"path": "/alive", "port": 81},
                                 "initialDelaySeconds": 3, "timeoutSeconds": 2}"""))
                .isEqualTo(
                        Probes.parse(
                                "grpc:a.B,failures=2", "http:/alive,port=81,delay=3s,timeout=2s"));
    }

    @Test
    void write_probes_readAsTheSame() throws Exception {
        Probes probes = Probes.parse("http:/a,port=81,period=2s", "grpc:a.B,delay=3s,failures=7");
        ObjectNode container = JSON.createObjectNode();
        Probing.write(probes, container);

        assertThat(Probing.read(Fields.of("", container))).isEqualTo(probes);
    }

    @Test
    void write_whatWasDeployed_readsAsTheSame() throws Exception {
        DeployRequest wanted = read(WHOLE);
        var revision = Revisions.of("hello", 1, wanted.scaling(), wanted.requests().timeout());
        Service service = service(revision, wanted.rollout().change().metadata().orElseThrow());

        ObjectNode written =
                new ServiceWriter(new PublicAddress("http", "localhost", 8080), "default")
                        .write(service);
        DeployRequest again = ServiceReader.read(written, "default");

        assertThat(again.rollout().change().metadata())
                .isEqualTo(wanted.rollout().change().metadata());
        assertThat(again.rollout().change().condition())
                .isEqualTo(ServiceCondition.unchanged(service.version().etag()));
        assertThat(again.image()).isEqualTo(revision.image());
        assertThat(again.container()).isEqualTo(revision.container());
        assertThat(again.resources()).isEqualTo(revision.resources());
        assertThat(again.scaling().minInstances()).isEqualTo(1);
        assertThat(again.scaling().idle()).isEqualTo(Duration.ofMinutes(2));
        assertThat(again.scaling().rules().target()).isEqualTo(20);
        assertThat(again.requests()).isEqualTo(revision.requests());
        assertThat(written.at("/status/conditions/1/type").asText()).isEqualTo("Ready");
        assertThat(written.at("/status/url").asText()).isEqualTo("http://hello.localhost:8080/");
        assertThat(written.at("/metadata/creationTimestamp").asText())
                .isEqualTo("2026-01-01T00:00:00Z");
    }

    @Test
    void read_secrets_inVariablesAndVolumes_andBack() throws Exception {
        DeployRequest request =
                read(
                        """
                        {"apiVersion": "serving.knative.dev/v1", "kind": "Service",
                         "metadata": {"name": "hello"},
                         "spec": {"template": {"spec": {"containers": [{
                           "image": "x",
                           "env": [{"name": "PLAIN", "value": "1"},
                            {"name": "DB", "valueFrom": {"secretKeyRef": {"name": "db", "key": "3"}}},
                            {"name": "API", "valueFrom": {"secretKeyRef": {"name": "api"}}}],
                           "volumeMounts": [{"name": "v", "mountPath": "/keys/", "readOnly": true},
                            {"name": "w", "mountPath": "/more"}]}],
                          "volumes": [
                           {"name": "v", "secret": {"secretName": "tls",
                             "items": [{"key": "latest", "path": "crt"}, {"key": "2", "path": "key"}]}},
                           {"name": "w", "secret": {"secretName": "whole"}}]}}}}""");
        assertThat(request.container().env()).isEqualTo(Map.of("PLAIN", "1"));
        assertThat(request.container().secrets().stream().map(Object::toString))
                .containsExactly(
                        "/keys/crt=tls:latest",
                        "/keys/key=tls:2",
                        "/more/whole=whole:latest",
                        "API=api:latest",
                        "DB=db:3");
        ObjectNode written =
                new ServiceWriter(new PublicAddress("http", "localhost", 8080), "default")
                        .write(
                                service(
                                        Revisions.of("hello", 80, 5)
                                                .withContainer(request.container()),
                                        Metadata.NONE));
        written.withObject("spec").remove("traffic");
        assertThat(ServiceReader.read(written, "default").container())
                .isEqualTo(request.container());
    }

    /** As much as a body may have: on the event loop, which requests wait for. */
    @Test
    void read_mountsMadeToTakeHours_refusedSoon() {
        String slashes = "{\"name\": \"v\", \"mountPath\": \"" + "/".repeat(900_000) + "x\"}";
        String item = "{\"key\": \"1\", \"path\": \"a\"}";
        String mount = "{\"name\": \"v\", \"mountPath\": \"/a\"}";
        assertTimeoutPreemptively(
                Duration.ofSeconds(60),
                () -> {
                    assertThatThrownBy(() -> read(withVolume(item, slashes)))
                            .isInstanceOf(HearthException.class);
                    assertThatThrownBy(
                                    () ->
                                            read(
                                                    withVolume(
                                                            item + ("," + item).repeat(18_000),
                                                            mount + ("," + mount).repeat(14_000))))
                            .isInstanceOfSatisfying(
                                    HearthException.class,
                                    e -> assertThat(e.reason()).isEqualTo("invalid-secret"));
                });
    }

    private static String withVolume(String items, String mounts) {
        return "{\"apiVersion\": \"serving.knative.dev/v1\", \"kind\": \"Service\","
                + " \"metadata\": {\"name\": \"hello\"}, \"spec\": {\"template\": {\"spec\":"
                + " {\"containers\": [{\"image\": \"x\", \"volumeMounts\": ["
                + mounts
                + "]}], \"volumes\": [{\"name\": \"v\", \"secret\": {\"secretName\": \"s\","
                + " \"items\": ["
                + items
                + "]}}]}}}}";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"env\": [{\"name\": \"A\", \"valueFrom\": {\"configMapKeyRef\": {\"name\": \"x\"}}}]",
                "\"env\": [{\"name\": \"A\", \"valueFrom\": {\"secretKeyRef\": {\"name\": \"x\", \"key\": \"y\"}}}]",
                "\"volumeMounts\": [{\"name\": \"v\", \"mountPath\": \"/keys\"}]"
            })
    void read_secretsThatCannotBe_refused(String field) {
        String text =
                "{\"apiVersion\": \"serving.knative.dev/v1\", \"kind\": \"Service\","
                        + " \"metadata\": {\"name\": \"hello\"}, \"spec\": {\"template\": {\"spec\":"
                        + " {\"containers\": [{\"image\": \"x\", "
                        + field
                        + "}]}}}}";
        assertThatThrownBy(() -> read(text)).isInstanceOf(HearthException.class);
    }
}
