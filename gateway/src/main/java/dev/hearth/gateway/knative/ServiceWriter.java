package dev.hearth.gateway.knative;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hearth.contracts.Billing;
import dev.hearth.contracts.Durations;
import dev.hearth.contracts.Metadata;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ScalingRules;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.ServiceVersion;
import dev.hearth.contracts.TrafficTarget;
import dev.hearth.gateway.admin.PublicAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** A service as Knative shows it, with the status of one that is ready: what is stored here is. */
final class ServiceWriter {
    private final PublicAddress address;
    private final String namespace;

    /**
     * @param address of a namespace's services
     */
    ServiceWriter(PublicAddress address, String namespace) {
        this.address = address;
        this.namespace = namespace;
    }

    private ObjectNode write(ServiceName name, ServiceVersion version) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("apiVersion", ServiceReader.API).put("kind", "Service");
        ObjectNode metadata = root.putObject("metadata");
        metadata.put("name", name.value());
        metadata.put("namespace", namespace);
        metadata.put("uid", version.uid().toString());
        metadata.put("resourceVersion", version.etag());
        metadata.put("generation", version.generation());
        return root;
    }

    /** Which one is gone; what else it was is not known any more. */
    ObjectNode writeGone(Changes.Change change) {
        return write(change.service(), change.version());
    }

    ObjectNode write(Service service) {
        ObjectNode root = write(service.name(), service.version());
        ObjectNode metadata = (ObjectNode) root.path("metadata");
        metadata.put("creationTimestamp", second(service.createdAt()));
        names(service.metadata(), metadata);
        ObjectNode spec = root.putObject("spec");
        template(service.latest(), spec.putObject("template"));
        ArrayNode traffic = spec.putArray("traffic");
        service.traffic().forEach(t -> target(t, service, traffic.addObject(), false));
        status(service, root.putObject("status"));
        return root;
    }

    private static void names(Metadata metadata, ObjectNode into) {
        if (!metadata.labels().isEmpty()) {
            metadata.labels().forEach(into.withObjectProperty("labels")::put);
        }
        if (!metadata.annotations().isEmpty()) {
            metadata.annotations().forEach(into.withObjectProperty("annotations")::put);
        }
    }

    private static String second(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static void template(RevisionSpec r, ObjectNode template) {
        ObjectNode metadata = template.putObject("metadata");
        ObjectNode annotations = metadata.putObject("annotations");
        names(r.metadata(), metadata);
        annotations.put(Annotations.PREFIX + "min-scale", "" + r.scaling().minInstances());
        annotations.put(Annotations.PREFIX + "max-scale", "" + r.scaling().maxInstances());
        annotations.put(
                Annotations.PREFIX + "scale-to-zero-pod-retention-period",
                Scaling.formatIdle(r.scaling().idle()));
        rules(r.scaling().rules(), annotations);
        if (r.resources().billing() == Billing.INSTANCE) {
            annotations.put(Annotations.THROTTLING, "false");
        }
        ObjectNode spec = template.putObject("spec");
        spec.put("containerConcurrency", r.scaling().concurrency());
        spec.put("timeoutSeconds", r.timeout().toSeconds());
        ObjectNode container = spec.putArray("containers").addObject();
        container.put("image", r.image());
        r.container().command().forEach(container.withArray("command")::add);
        r.container().args().forEach(container.withArray("args")::add);
        r.container()
                .env()
                .forEach(
                        (name, value) ->
                                container
                                        .withArray("env")
                                        .addObject()
                                        .put("name", name)
                                        .put("value", value));
        secrets(r.container().secrets(), spec, container);
        container
                .putArray("ports")
                .addObject()
                .put("name", r.container().http2() ? "h2c" : "http1")
                .put("containerPort", r.container().port());
        Probing.write(r.container().probes(), container);
        ObjectNode resources = container.putObject("resources");
        resources
                .putObject("limits")
                .put("cpu", r.resources().cpuLimit().toString())
                .put("memory", r.resources().memory().toString());
        resources.putObject("requests").put("cpu", r.resources().cpu().toString());
    }

    private static void secrets(List<SecretMount> secrets, ObjectNode spec, ObjectNode container) {
        for (SecretMount secret : secrets) {
            if (!secret.isFile()) {
                container
                        .withArray("env")
                        .addObject()
                        .put("name", secret.target())
                        .putObject("valueFrom")
                        .putObject("secretKeyRef")
                        .put("name", secret.secret().value())
                        .put("key", secret.versionWord());
                continue;
            }
            // one volume for each file: a directory may have files of several secrets
            String name = "secret-" + spec.withArray("volumes").size();
            ObjectNode volume = spec.withArray("volumes").addObject().put("name", name);
            ObjectNode of = volume.putObject("secret");
            of.put("secretName", secret.secret().value());
            of.putArray("items")
                    .addObject()
                    .put("key", secret.versionWord())
                    .put("path", secret.fileName());
            container
                    .withArray("volumeMounts")
                    .addObject()
                    .put("name", name)
                    .put("mountPath", secret.directory());
        }
    }

    private static void rules(ScalingRules rules, ObjectNode annotations) {
        ScalingRules usual = ScalingRules.DEFAULT;
        if (rules.target() != usual.target()) {
            annotations.put(Annotations.PREFIX + "target", Double.toString(rules.target()));
        }
        if (rules.utilisation() != usual.utilisation()) {
            annotations.put(
                    Annotations.PREFIX + "target-utilization-percentage", "" + rules.utilisation());
        }
        if (!rules.window().equals(usual.window())) {
            annotations.put(Annotations.PREFIX + "window", Durations.format(rules.window()));
        }
        if (!rules.downDelay().equals(usual.downDelay())) {
            annotations.put(
                    Annotations.PREFIX + "scale-down-delay", Durations.format(rules.downDelay()));
        }
        if (rules.initial() != usual.initial()) {
            annotations.put(Annotations.PREFIX + "initial-scale", "" + rules.initial());
        }
        if (rules.activation() != usual.activation()) {
            annotations.put(Annotations.PREFIX + "activation-scale", "" + rules.activation());
        }
    }

    private void target(TrafficTarget t, Service service, ObjectNode into, boolean resolved) {
        into.put("latestRevision", t.revision().isEmpty());
        if (resolved || t.revision().isPresent()) {
            into.put("revisionName", t.revision().orElse(service.latest().name()).value());
        }
        into.put("percent", t.percent());
        if (!t.tag().isEmpty()) {
            into.put("tag", t.tag());
            if (resolved) {
                into.put("url", address.url(t.tag(), service.name()));
            }
        }
    }

    private void status(Service service, ObjectNode status) {
        status.put("observedGeneration", service.version().generation());
        ArrayNode conditions = status.putArray("conditions");
        for (String type : new String[] {"ConfigurationsReady", "Ready", "RoutesReady"}) {
            conditions
                    .addObject()
                    .put("type", type)
                    .put("status", "True")
                    .put("lastTransitionTime", second(service.updatedAt()));
        }
        status.put("latestCreatedRevisionName", service.latest().name().value());
        status.put("latestReadyRevisionName", service.latest().name().value());
        status.put("url", address.url(service.name()));
        status.putObject("address").put("url", address.url(service.name()));
        ArrayNode traffic = status.putArray("traffic");
        service.traffic().forEach(t -> target(t, service, traffic.addObject(), true));
    }
}
