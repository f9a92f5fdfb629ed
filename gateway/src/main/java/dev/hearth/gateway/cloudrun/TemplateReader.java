package dev.hearth.gateway.cloudrun;

import com.google.cloud.run.v2.Container;
import com.google.cloud.run.v2.ContainerPort;
import com.google.cloud.run.v2.EnvVar;
import com.google.cloud.run.v2.ExecutionEnvironment;
import com.google.cloud.run.v2.ResourceRequirements;
import com.google.cloud.run.v2.RevisionTemplate;
import dev.hearth.contracts.Billing;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.Metadata;
import dev.hearth.contracts.RateLimit;
import dev.hearth.contracts.RequestPolicy;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ScalingRules;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.ServiceChange;
import dev.hearth.contracts.ServiceName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A revision's template as what is to be deployed, with Cloud Run's defaults. What its message has
 * no word for (egress, rate limits, the knobs of scaling, CPU beyond one's own) stays as the latest
 * revision has it.
 */
final class TemplateReader {
    static final int DEFAULT_CONCURRENCY = 80;
    static final int DEFAULT_MAX = 100;
    static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(300);

    static final String CPU = "cpu";
    static final String MEMORY = "memory";

    private static final String PATH = "service.template";
    private static final String CONTAINER = PATH + ".containers[0]";
    private static final Set<String> FIELDS =
            Set.of(
                    "revision",
                    "labels",
                    "annotations",
                    "scaling",
                    "timeout",
                    "containers",
                    "volumes",
                    "executionEnvironment",
                    "maxInstanceRequestConcurrency",
                    "sessionAffinity");
    private static final Set<String> CONTAINER_FIELDS =
            Set.of(
                    "name",
                    "image",
                    "command",
                    "args",
                    "env",
                    "resources",
                    "ports",
                    "startupProbe",
                    "volumeMounts",
                    "livenessProbe",
                    "buildInfo"); // an output

    private final ServiceName service;
    private final RevisionTemplate template;
    private final Optional<RevisionSpec> latest;

    private TemplateReader(
            ServiceName service, RevisionTemplate template, Optional<RevisionSpec> latest) {
        this.service = service;
        this.template = template;
        this.latest = latest;
    }

    /**
     * Throws INVALID with the field that cannot be had.
     *
     * @param latest revision that there is
     * @param change that goes with it
     */
    static DeployRequest read(
            ServiceName service,
            RevisionTemplate template,
            Optional<RevisionSpec> latest,
            ServiceChange change) {
        return new TemplateReader(service, template, latest).read(change);
    }

    private DeployRequest read(ServiceChange change) {
        Sent.only(PATH, template, FIELDS);
        if (template.getContainersCount() != 1) {
            throw Sent.wrong(PATH + ".containers", "has to have exactly one container");
        }
        Container container = template.getContainers(0);
        Sent.only(CONTAINER, container, CONTAINER_FIELDS);
        if (container.getImage().isBlank()) {
            throw Sent.wrong(CONTAINER + ".image", "is missing");
        }
        return new DeployRequest(
                service,
                container.getImage(),
                container(template, container),
                resources(container),
                scaling(),
                latest.map(RevisionSpec::egress).orElse(Egress.DEFAULT),
                policy(),
                metadata(container),
                new DeployRequest.Rollout(true, "", suffix(), change));
    }

    private String suffix() {
        String revision = template.getRevision();
        if (revision.isEmpty()) {
            return "";
        }
        if (!revision.startsWith(service + "-")) {
            throw Sent.wrong(PATH + ".revision", "does not begin with \"" + service + "-\"");
        }
        return revision.substring(service.value().length() + 1);
    }

    private ContainerSpec container(RevisionTemplate template, Container container) {
        Map<String, String> env = new LinkedHashMap<>();
        List<SecretMount> secrets =
                new ArrayList<>(
                        SecretReader.files(PATH, template.getVolumesList(), CONTAINER, container));
        for (int i = 0; i < container.getEnvCount(); i++) {
            EnvVar variable = container.getEnv(i);
            String path = CONTAINER + ".env[" + i + "]";
            Sent.only(path, variable, Set.of("name", "value", "valueSource"));
            if (variable.hasValueSource()) {
                secrets.add(SecretReader.variable(path, variable));
            } else if (env.put(variable.getName(), variable.getValue()) != null) {
                throw Sent.wrong(CONTAINER + ".env[" + i + "].name", "is there twice");
            }
        }
        if (container.getPortsCount() > 1) {
            throw Sent.wrong(CONTAINER + ".ports", "has more than one port");
        }
        ContainerPort port =
                container.getPortsCount() == 0
                        ? ContainerPort.getDefaultInstance()
                        : container.getPorts(0);
        if (!Set.of("", "http1", "h2c").contains(port.getName())) {
            throw Sent.wrong(CONTAINER + ".ports[0].name", "is neither http1 nor h2c");
        }
        int number = port.getContainerPort() == 0 ? 8080 : port.getContainerPort();
        return new ContainerSpec(
                container.getCommandList(),
                container.getArgsList(),
                env,
                number,
                port.getName().equals("h2c"),
                secrets,
                Probing.read(CONTAINER, container, number, latest));
    }

    private Resources resources(Container container) {
        String path = CONTAINER + ".resources";
        ResourceRequirements resources = container.getResources();
        for (String name : resources.getLimitsMap().keySet()) {
            if (!name.equals(CPU) && !name.equals(MEMORY)) {
                throw Sent.unsupported(path + ".limits[\"" + name + "\"]", "is not supported");
            }
        }
        Cpu cpu = Cpu.parse(cpu(container));
        DataSize memory = DataSize.parse(memory(container));
        int beyond =
                latest.map(RevisionSpec::resources)
                        .filter(r -> !r.cpuLimit().equals(r.cpu()))
                        .map(r -> r.cpuLimit().millis())
                        .orElse(0);
        return new Resources(
                cpu, new Cpu(Math.max(cpu.millis(), beyond)), memory, billing(container));
    }

    private Scaling scaling() {
        Sent.only(
                PATH + ".scaling",
                template.getScaling(),
                Set.of("minInstanceCount", "maxInstanceCount"));
        Optional<Scaling> before = latest.map(RevisionSpec::scaling);
        int concurrency = template.getMaxInstanceRequestConcurrency();
        if (concurrency == 0 && before.map(Scaling::concurrency).orElse(-1) != 0) {
            concurrency = DEFAULT_CONCURRENCY; // what had no limit keeps none
        }
        int max = template.getScaling().getMaxInstanceCount();
        return new Scaling(
                concurrency,
                template.getScaling().getMinInstanceCount(),
                max == 0 ? DEFAULT_MAX : max,
                before.map(Scaling::idle).orElse(Duration.ofSeconds(60)),
                rules(before.map(Scaling::rules).orElse(ScalingRules.DEFAULT)));
    }

    /**
     * Resources that do not say cpuIdle ask for CPU always, as Cloud Run has it, and pay for it.
     */
    private static Billing billing(Container container) {
        boolean always = container.hasResources() && !container.getResources().getCpuIdle();
        return always ? Billing.INSTANCE : Billing.REQUEST;
    }

    /** Billing by instance brought CPU between requests along, so it takes it away again. */
    private ScalingRules rules(ScalingRules before) {
        boolean wasAlways =
                latest.map(r -> r.resources().billing() == Billing.INSTANCE).orElse(false);
        return wasAlways ? before.changed("idle-cpu=none") : before;
    }

    private RequestPolicy policy() {
        if (template.getTimeout().getNanos() != 0) {
            throw Sent.wrong(PATH + ".timeout", "is not a whole number of seconds");
        }
        Optional<RequestPolicy> before = latest.map(RevisionSpec::requests);
        return new RequestPolicy(
                template.hasTimeout()
                        ? Duration.ofSeconds(template.getTimeout().getSeconds())
                        : DEFAULT_TIMEOUT,
                template.getSessionAffinity(),
                before.map(RequestPolicy::serviceLimit).orElse(RateLimit.NONE),
                before.map(RequestPolicy::clientLimit).orElse(RateLimit.NONE));
    }

    private Metadata metadata(Container container) {
        ExecutionEnvironment environment = template.getExecutionEnvironment();
        if (environment == ExecutionEnvironment.EXECUTION_ENVIRONMENT_GEN1
                || environment == ExecutionEnvironment.UNRECOGNIZED) {
            throw Sent.unsupported(PATH + ".executionEnvironment", "can be GEN2 only");
        }
        boolean isSecond = environment == ExecutionEnvironment.EXECUTION_ENVIRONMENT_GEN2;
        boolean hasResources = container.hasResources();
        boolean boost = container.getResources().getStartupCpuBoost();
        return Kept.merged(
                        PATH,
                        template.getLabelsMap(),
                        template.getAnnotationsMap(),
                        latest.map(RevisionSpec::metadata).orElse(Metadata.NONE))
                .with(Kept.EXECUTION_ENVIRONMENT, isSecond ? "gen2" : "")
                .with(Kept.STARTUP_BOOST, hasResources && !boost ? "false" : "")
                .with(Kept.CONTAINER_NAME, container.getName())
                .with(Kept.CPU, written(container, CPU, Cpu.parse(cpu(container))))
                .with(Kept.MEMORY, written(container, MEMORY, DataSize.parse(memory(container))))
                .with(Kept.ENV_ORDER, order(container));
    }

    /** An amount as it was written; empty where it would be written so anyhow. */
    private static String written(Container container, String limit, Object amount) {
        String text = container.getResources().getLimitsOrDefault(limit, "");
        return text.equals(amount.toString()) ? "" : text;
    }

    private static String order(Container container) {
        List<String> names = container.getEnvList().stream().map(EnvVar::getName).toList();
        return names.equals(names.stream().sorted().toList())
                ? ""
                : String.join(Kept.BETWEEN_NAMES, names);
    }

    private static String cpu(Container container) {
        return container.getResources().getLimitsOrDefault(CPU, "1");
    }

    private static String memory(Container container) {
        return container.getResources().getLimitsOrDefault(MEMORY, "512Mi");
    }
}
