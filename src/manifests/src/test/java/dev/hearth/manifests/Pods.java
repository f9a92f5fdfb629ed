package dev.hearth.manifests;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The pods of one process, as a manifest asks for them.
 *
 * @param process {@code gateway}, {@code node} or {@code autoscaler}
 */
record Pods(String process, PodTemplateSpec template) {
    /** Those of the base. */
    static List<Pods> ofBase() {
        return Documents.all().entrySet().stream()
                .filter(file -> !file.getKey().startsWith("overlays/"))
                .flatMap(file -> file.getValue().stream())
                .flatMap(document -> of(document).stream())
                .toList();
    }

    /** Those of one process in the base. */
    static Pods ofBase(String process) {
        return ofBase().stream().filter(p -> p.process.equals(process)).findFirst().orElseThrow();
    }

    /** Those of a document; none when it is about something else. */
    static Optional<Pods> of(JsonNode document) {
        return StrictReader.knows(document) ? of(StrictReader.read(document)) : Optional.empty();
    }

    /** Those of a resource; none when it is about something else. */
    static Optional<Pods> of(HasMetadata resource) {
        String process = resource.getMetadata().getName().replaceFirst("^hearth-", "");
        return switch (resource) {
            case Deployment d -> Optional.of(new Pods(process, d.getSpec().getTemplate()));
            case DaemonSet d -> Optional.of(new Pods(process, d.getSpec().getTemplate()));
            default -> Optional.empty();
        };
    }

    /** The only container. */
    Container container() {
        List<Container> containers = template.getSpec().getContainers();
        if (containers.size() != 1) {
            throw new AssertionError(process + " has " + containers.size() + " containers");
        }
        return containers.getFirst();
    }

    /** The value of a variable that the manifest sets. */
    String variable(String name) {
        return container().getEnv().stream()
                .filter(v -> v.getName().equals(name))
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    /** The names of its ports. */
    Stream<String> portNames() {
        return container().getPorts().stream().map(p -> p.getName());
    }

    /** The number behind the name of a port. */
    int port(String name) {
        return container().getPorts().stream()
                .filter(p -> p.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(process + " has no port " + name))
                .getContainerPort();
    }
}
