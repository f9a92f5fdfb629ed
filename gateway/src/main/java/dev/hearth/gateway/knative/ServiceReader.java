package dev.hearth.gateway.knative;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.Metadata;
import dev.hearth.contracts.RequestPolicy;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.SecretName;
import dev.hearth.contracts.ServiceChange;
import dev.hearth.contracts.ServiceCondition;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TrafficTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Knative Service as what is to be deployed. What Hearth cannot do is refused with its field
 * named; what it does anyhow, or always, is passed over.
 */
final class ServiceReader {
    static final String API = "serving.knative.dev/v1";
    private static final int DEFAULT_TIMEOUT_SECONDS = 300;

    private ServiceReader() {}

    /**
     * Throws INVALID with the field that cannot be had.
     *
     * @param its the namespace that it is sent to
     */
    static DeployRequest read(JsonNode document, String its) {
        Fields root = Fields.of("", document);
        expect(root, "apiVersion", API);
        expect(root, "kind", "Service");
        root.passOver("status");
        Fields metadata = root.object("metadata");
        ServiceName name =
                new ServiceName(metadata.text("name").orElseThrow(() -> metadata.missing("name")));
        String namespace = metadata.text("namespace").orElse(its);
        if (!namespace.equals(its)) {
            throw metadata.wrong("namespace", "is not \"" + its + "\"");
        }
        Metadata own = new Metadata(metadata.map("labels"), metadata.map("annotations"));
        Fields spec = root.object("spec");
        ServiceCondition seen =
                ServiceCondition.unchanged(
                        metadata.text("resourceVersion").flatMap(Watches::etag).orElse(""));
        ServiceChange change = ServiceChange.NONE.with(seen).with(own).withTraffic(targets(spec));
        DeployRequest request = template(name, spec.object("template"), change);
        spec.end();
        root.end();
        return request;
    }

    private static void expect(Fields fields, String field, String only) {
        String value = fields.text(field).orElseThrow(() -> fields.missing(field));
        if (!value.equals(only)) {
            throw fields.wrong(field, "is \"" + value + "\", not \"" + only + "\"");
        }
    }

    private static DeployRequest template(ServiceName name, Fields template, ServiceChange change) {
        Fields metadata = template.object("metadata");
        Map<String, String> annotations = metadata.map("annotations");
        Metadata own = new Metadata(metadata.map("labels"), Annotations.others(annotations));
        Optional<String> revision = metadata.text("name");
        Fields spec = template.object("spec");
        int concurrency = spec.number("containerConcurrency").orElse(0);
        int timeout = spec.number("timeoutSeconds").orElse(DEFAULT_TIMEOUT_SECONDS);
        spec.passOver("enableServiceLinks", "serviceAccountName", "responseStartTimeoutSeconds");
        List<Fields> containers = spec.objects("containers");
        if (containers.size() != 1) {
            throw spec.wrong("containers", "has to have exactly one container");
        }
        Fields container = containers.getFirst();
        DeployRequest request =
                new DeployRequest(
                        name,
                        container.text("image").orElseThrow(() -> container.missing("image")),
                        container(container, Volumes.read(spec)),
                        resources(container.object("resources"))
                                .with(Annotations.billing(annotations)),
                        Annotations.scaling(annotations, concurrency),
                        Egress.DEFAULT,
                        RequestPolicy.within(Duration.ofSeconds(timeout)),
                        own,
                        new DeployRequest.Rollout(
                                true,
                                "",
                                revision.map(r -> suffix(metadata, name, r)).orElse(""),
                                change));
        container.passOver("name", "imagePullPolicy");
        container.end();
        spec.end();
        template.end();
        return request;
    }

    private static String suffix(Fields metadata, ServiceName service, String revision) {
        if (!revision.startsWith(service + "-")) {
            throw metadata.wrong("name", "does not begin with \"" + service + "-\"");
        }
        return revision.substring(service.value().length() + 1);
    }

    private static ContainerSpec container(Fields container, Volumes volumes) {
        Map<String, String> env = new HashMap<>();
        List<SecretMount> secrets = new ArrayList<>(volumes.mounted(container));
        for (Fields variable : container.objects("env")) {
            String name = variable.text("name").orElseThrow(() -> variable.missing("name"));
            Fields from = variable.object("valueFrom");
            Fields key = from.object("secretKeyRef");
            Optional<String> secret = key.text("name");
            if (secret.isPresent()) {
                secrets.add(
                        new SecretMount(
                                name,
                                new SecretName(secret.get()),
                                SecretMount.parseVersion(key.text("key").orElse("latest"))));
            } else {
                env.put(name, variable.text("value").orElse(""));
            }
            key.end();
            from.end();
            variable.end();
        }
        int port = 8080;
        boolean http2 = false;
        List<Fields> ports = container.objects("ports");
        if (ports.size() > 1) {
            throw container.wrong("ports", "has more than one port");
        }
        for (Fields one : ports) {
            port = one.number("containerPort").orElse(port);
            String protocol = one.text("name").orElse("http1");
            if (!protocol.equals("http1") && !protocol.equals("h2c") && !protocol.isEmpty()) {
                throw one.wrong("name", "is neither http1 nor h2c");
            }
            http2 = protocol.equals("h2c");
            one.passOver("protocol");
            one.end();
        }
        return new ContainerSpec(
                container.texts("command"),
                container.texts("args"),
                env,
                port,
                http2,
                secrets,
                Probing.read(container));
    }

    /** What is requested is had, what is the limit may be had; one of them stands for both. */
    private static Resources resources(Fields resources) {
        Fields limits = resources.object("limits");
        Fields requests = resources.object("requests");
        Optional<String> limit = limits.text("cpu");
        String cpu = requests.text("cpu").or(() -> limit).orElse("1");
        String memory = limits.text("memory").or(() -> requests.text("memory")).orElse("512Mi");
        limits.passOver("ephemeral-storage").end();
        requests.passOver("memory", "ephemeral-storage").end();
        resources.end();
        return new Resources(Cpu.parse(cpu), Cpu.parse(limit.orElse(cpu)), DataSize.parse(memory));
    }

    private static List<TrafficTarget> targets(Fields spec) {
        List<TrafficTarget> targets = new ArrayList<>();
        for (Fields target : spec.objects("traffic")) {
            Optional<RevisionName> revision = target.text("revisionName").map(RevisionName::new);
            if (target.flag("latestRevision") && revision.isPresent()) {
                throw target.wrong("latestRevision", "cannot be true where revisionName is given");
            }
            int percent = target.number("percent").orElse(0);
            String tag = target.text("tag").orElse("");
            target.passOver("url", "configurationName");
            target.end();
            targets.add(new TrafficTarget(revision, percent, tag));
        }
        return targets;
    }
}
