package dev.hearth.gateway.cloudrun;

import com.google.cloud.run.v2.Container;
import com.google.cloud.run.v2.ContainerPort;
import com.google.cloud.run.v2.ExecutionEnvironment;
import com.google.cloud.run.v2.ResourceRequirements;
import com.google.cloud.run.v2.RevisionScaling;
import com.google.cloud.run.v2.RevisionTemplate;
import com.google.protobuf.Duration;
import dev.hearth.contracts.Billing;
import dev.hearth.contracts.RevisionSpec;
import java.util.List;
import java.util.regex.Pattern;

/** A revision's settings in Cloud Run's messages. */
final class TemplateWriter {
    /** What names look like that nobody chose; see {@code RevisionName.of}. */
    private static final Pattern MADE_UP = Pattern.compile(".*-\\d{5}-[a-z0-9]{3}");

    private TemplateWriter() {}

    static RevisionTemplate template(RevisionSpec r) {
        String name = r.name().value();
        return RevisionTemplate.newBuilder()
                .setRevision(MADE_UP.matcher(name).matches() ? "" : name)
                .putAllLabels(Kept.shown(r.metadata().labels()))
                .putAllAnnotations(Kept.shown(r.metadata().annotations()))
                .setScaling(scaling(r))
                .setTimeout(timeout(r))
                .addContainers(container(r))
                .addAllVolumes(SecretWriter.volumes(r.container()))
                .setExecutionEnvironment(environment(r))
                .setMaxInstanceRequestConcurrency(r.scaling().concurrency())
                .setSessionAffinity(r.requests().sessionAffinity())
                .build();
    }

    static RevisionScaling scaling(RevisionSpec r) {
        return RevisionScaling.newBuilder()
                .setMinInstanceCount(r.scaling().minInstances())
                .setMaxInstanceCount(r.scaling().maxInstances())
                .build();
    }

    static Duration timeout(RevisionSpec r) {
        return Duration.newBuilder().setSeconds(r.timeout().toSeconds()).build();
    }

    static ExecutionEnvironment environment(RevisionSpec r) {
        return r.metadata().annotation(Kept.EXECUTION_ENVIRONMENT).isEmpty()
                ? ExecutionEnvironment.EXECUTION_ENVIRONMENT_UNSPECIFIED
                : ExecutionEnvironment.EXECUTION_ENVIRONMENT_GEN2;
    }

    static Container container(RevisionSpec r) {
        Container.Builder container =
                Container.newBuilder()
                        .setName(r.metadata().annotation(Kept.CONTAINER_NAME))
                        .setImage(r.image())
                        .addAllCommand(r.container().command())
                        .addAllArgs(r.container().args())
                        .setResources(resources(r))
                        .addPorts(
                                ContainerPort.newBuilder()
                                        .setName(r.container().http2() ? "h2c" : "http1")
                                        .setContainerPort(r.container().port()));
        Probing.write(r, container);
        for (String name : order(r)) {
            container.addEnv(SecretWriter.variable(r.container(), name));
        }
        return container.addAllVolumeMounts(SecretWriter.mounts(r.container())).build();
    }

    private static List<String> order(RevisionSpec r) {
        String kept = r.metadata().annotation(Kept.ENV_ORDER);
        return kept.isEmpty()
                ? SecretWriter.variables(r.container())
                : List.of(kept.split(Kept.BETWEEN_NAMES, -1));
    }

    private static String as(RevisionSpec r, String kept, Object amount) {
        String text = r.metadata().annotation(kept);
        return text.isEmpty() ? amount.toString() : text;
    }

    private static ResourceRequirements resources(RevisionSpec r) {
        return ResourceRequirements.newBuilder()
                .putLimits(TemplateReader.CPU, as(r, Kept.CPU, r.resources().cpu()))
                .putLimits(TemplateReader.MEMORY, as(r, Kept.MEMORY, r.resources().memory()))
                .setCpuIdle(r.resources().billing() != Billing.INSTANCE)
                .setStartupCpuBoost(r.metadata().annotation(Kept.STARTUP_BOOST).isEmpty())
                .build();
    }
}
