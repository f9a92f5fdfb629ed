package dev.hearth.cli;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.Billing;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.Durations;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.Probes;
import dev.hearth.contracts.RateLimit;
import dev.hearth.contracts.RequestPolicy;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ScalingRules;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.ServiceName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth deploy}: runs an image under a name; the URL is the last line of stdout. */
@Command(name = "deploy", description = "Run an image under a name; prints its URL.")
final class DeployCommand extends HearthCommand {
    @Parameters(paramLabel = "NAME", description = "the service's name")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(
            names = "--image",
            paramLabel = "REF",
            description =
                    "host/repo:tag[@digest], oci:DIR[:tag], oci-archive:FILE, docker-archive:FILE; or a"
                            + " saved image's FILE or layout's DIR, which is sent to the platform's"
                            + " registry")
    private @Nullable String image;

    @Option(
            names = "--source",
            paramLabel = "DIR",
            description = "builds the Dockerfile there with buildah or podman, and runs that")
    private @Nullable Path source;

    @Option(names = "--progress", description = "say line by line how far a pull has come")
    private boolean progress;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8080",
            description = "where it listens (${DEFAULT-VALUE})")
    private int port;

    @Option(
            names = "--http2",
            description = "it speaks HTTP/2 without TLS there (h2c), as gRPC servers do")
    private boolean http2;

    @Option(
            names = "--secret",
            paramLabel = "VAR|/PATH=NAME[:VERSION]",
            description =
                    "a secret in an environment variable or a file; of the latest version when an"
                            + " instance starts unless one is named; may be repeated")
    private List<String> secrets = new ArrayList<>();

    @Option(
            names = "--startup-probe",
            paramLabel = "http:/PATH|tcp|grpc[:SERVICE][,KEY=VALUE...]",
            description =
                    "shows that it is ready, with port, delay, period, timeout, failures; usually that its"
                            + " port takes a connection")
    private @Nullable String startupProbe;

    @Option(
            names = "--liveness-probe",
            paramLabel = "http:/PATH|tcp|grpc[:SERVICE][,KEY=VALUE...]",
            description =
                    "an instance that fails it is killed, as http:/health,period=10s,failures=3")
    private @Nullable String livenessProbe;

    @Option(
            names = "--env",
            paramLabel = "K=V",
            description = "an environment variable; may be repeated")
    private Map<String, String> env = new LinkedHashMap<>();

    @Option(
            names = "--cpu",
            paramLabel = "N",
            defaultValue = "1",
            description = "cores: 1, 0.5, 500m (${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init")
    private String cpu;

    @Option(
            names = "--cpu-limit",
            paramLabel = "N",
            description = "cores it may use while the machine has them to spare (as --cpu)")
    private @Nullable String cpuLimit;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            defaultValue = "512Mi",
            description = "memory of an instance (${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init")
    private String memory;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "80",
            description = "requests at a time in an instance, 0 for no limit (${DEFAULT-VALUE})")
    private int concurrency;

    @Option(
            names = "--min",
            paramLabel = "N",
            defaultValue = "0",
            description = "instances kept when idle (${DEFAULT-VALUE})")
    private int min;

    @Option(
            names = "--max",
            paramLabel = "N",
            defaultValue = "100",
            description = "instances at most (${DEFAULT-VALUE})")
    private int max;

    @Option(
            names = "--idle",
            paramLabel = "TIME",
            defaultValue = "60s",
            description =
                    "without requests before the last instance stops; auto for as long as it is worth"
                            + " its memory (${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init")
    private String idle;

    @Option(
            names = "--scaling",
            paramLabel = "KEY=VALUE[,...]",
            defaultValue = "default",
            description =
                    "how demand becomes instances: target, utilisation, window, panic-window,"
                            + " panic-threshold, max-up, max-down, down-delay, initial, activation,"
                            + " idle-cpu=none|sliver|full")
    @SuppressWarnings("NullAway.Init")
    private String scaling;

    @Option(
            names = "--billing",
            paramLabel = "BY",
            defaultValue = "request",
            description =
                    "what of its instances' time is paid for: request or instance, which is all of it, with"
                            + " idle-cpu=full (${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init")
    private String billing;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "300s",
            description = "of a request, its wait included (${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init")
    private String timeout;

    @Option(
            names = "--egress",
            paramLabel = "WHERE",
            defaultValue = "internet",
            description =
                    "where it may connect to: none, internet, all, or CIDR[,CIDR...] (${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init")
    private String egress;

    @Option(
            names = "--session-affinity",
            description =
                    "a client's requests go to the same instance while that has a place, by a cookie")
    private boolean sessionAffinity;

    @Option(
            names = "--rate-limit",
            paramLabel = "N[/s|/m|/h][,burst=N]",
            defaultValue = "none",
            description = "requests to the service, else 429; none for no limit (${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init")
    private String rateLimit;

    @Option(
            names = "--client-rate-limit",
            paramLabel = "N[/s|/m|/h][,burst=N]",
            defaultValue = "none",
            description =
                    "requests of each client address, each /64 in IPv6; none for no limit"
                            + " (${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init")
    private String clientRateLimit;

    @Option(
            names = "--no-traffic",
            description =
                    "requests stay with the revision that is the latest now; see `hearth traffic`")
    private boolean noTraffic;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Gradually gradually;

    @Option(
            names = "--tag",
            paramLabel = "TAG",
            description = "gives the new revision a URL of its own, http://TAG---NAME.DOMAIN")
    private @Nullable String tag;

    @Option(
            names = "--revision-suffix",
            paramLabel = "WORD",
            description = "names the revision NAME-WORD, rather than by number and chance")
    private @Nullable String suffix;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private InvokerOptions callers;

    @Option(
            names = "--command",
            paramLabel = "WORD",
            description = "replaces the image's ENTRYPOINT; may be repeated")
    private List<String> command = List.of();

    @Option(
            names = "--args",
            paramLabel = "WORD",
            description = "replaces the image's CMD; may be repeated")
    private List<String> args = List.of();

    @Override
    public Integer call() {
        String given = image;
        if ((given == null) == (source == null)) {
            throw HearthException.invalid(
                    "missing-image", "say what to run: either --image REF or --source DIR");
        }
        check(given == null ? "oci:/" : given);
        AdminApi.ServiceBody service;
        try (Watching pulls = Watching.begin(client(), err(), progress)) {
            service = client().deploy(request(reference(given)));
        }
        tell(service);
        out().println(service.url());
        return 0;
    }

    private void tell(AdminApi.ServiceBody service) {
        int percent =
                service.traffic().stream()
                        .filter(t -> t.revision().equals(service.latest()))
                        .mapToInt(AdminApi.TrafficBody::percent)
                        .sum();
        AdminApi.RolloutBody moving = service.rollout();
        if (moving != null && moving.revision().equals(service.latest()) && percent < 100) {
            out().printf(
                            "revision %s gets %d %% of the requests, and all of them in %s; `hearth"
                                    + " describe %s` says how far it is%n",
                            service.latest(), percent, moving.duration(), service.name());
        } else if (percent == 100) {
            out().println("revision " + service.latest() + " serves " + service.name());
        } else {
            out().printf(
                            "revision %s is deployed and gets %d %% of the requests; `hearth traffic %s --to"
                                    + " LATEST=100` sends it all%n",
                            service.latest(), percent, service.name());
        }
        for (AdminApi.TrafficBody target : service.traffic()) {
            if (tag != null && tag.equals(target.tag())) {
                out().println("tagged " + target.url());
            }
        }
    }

    /** What the platform is to run: what was named, or what was built or sent for it just now. */
    private String reference(@Nullable String given) {
        Path directory = source;
        if (given == null) {
            try (BuiltImage built =
                    BuiltImage.of(directory == null ? Path.of(".") : directory, err())) {
                return send(new LocalImage(built.archive()));
            }
        }
        Optional<LocalImage> local = LocalImage.of(given);
        return local.isPresent() ? send(local.get()) : absolute(given);
    }

    private String send(LocalImage local) {
        Client client = client();
        AdminApi.RegistryBody registry = client.get("/registry", AdminApi.RegistryBody.class);
        return client.load(
                connection().registry(registry.host()),
                registry.token(),
                Client.repository(registry, name),
                local::archive);
    }

    private AdminApi.Deploy request(String reference) {
        return new AdminApi.Deploy(
                name,
                reference,
                command,
                args,
                env,
                port,
                http2,
                cpu,
                memory,
                concurrency,
                min,
                max,
                idle,
                timeout,
                egress,
                sessionAffinity,
                rateLimit,
                clientRateLimit,
                cpuLimit,
                scaling,
                !noTraffic,
                tag,
                suffix,
                callers.invokers().map(Invokers::word).orElse(null),
                secrets.isEmpty() ? null : secrets,
                // the platform of the release before does not know the word
                Billing.parse(billing) == Billing.REQUEST ? null : billing,
                gradually.duration,
                gradually.steps,
                startupProbe,
                livenessProbe);
    }

    /** Finds slips before anything is sent; the platform checks again. */
    private void check(String reference) {
        new DeployRequest(
                new ServiceName(name),
                reference,
                new ContainerSpec(
                        command,
                        args,
                        env,
                        port,
                        http2,
                        secrets.stream().map(SecretMount::parse).toList(),
                        Probes.parse(
                                startupProbe == null ? "" : startupProbe,
                                livenessProbe == null ? "" : livenessProbe)),
                new Resources(
                        Cpu.parse(cpu),
                        Cpu.parse(cpuLimit == null ? cpu : cpuLimit),
                        DataSize.parse(memory),
                        Billing.parse(billing)),
                new Scaling(
                        concurrency,
                        min,
                        max,
                        Scaling.parseIdle(idle),
                        ScalingRules.parse(scaling)),
                Egress.parse(egress),
                new RequestPolicy(
                        Durations.parse(timeout),
                        sessionAffinity,
                        RateLimit.parse(rateLimit),
                        RateLimit.parse(clientRateLimit)),
                new DeployRequest.Rollout(
                                !noTraffic,
                                tag == null ? "" : tag,
                                suffix == null ? "" : suffix,
                                callers.invokers())
                        .gradually(gradually.plan()));
    }

    /** A file or directory is meant from here, not from where the platform was started. */
    private static String absolute(String image) {
        for (String scheme : List.of("oci:", "oci-archive:", "docker-archive:")) {
            if (image.startsWith(scheme)) {
                return scheme
                        + Path.of(image.substring(scheme.length())).toAbsolutePath().normalize();
            }
        }
        return image;
    }
}
