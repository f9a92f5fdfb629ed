package dev.hearth.cli;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Durations;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.JobApi.DeployJob;
import dev.hearth.contracts.JobApi.JobBody;
import dev.hearth.contracts.JobName;
import dev.hearth.contracts.JobRequest;
import dev.hearth.contracts.Metadata;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.Schedule;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.TaskTemplate;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth jobs deploy}: keeps an image under a name, to be run to its end. */
@Command(name = "deploy", description = "Keep an image under a name, to be run to its end.")
final class JobsDeployCommand extends HearthCommand {
    @Parameters(paramLabel = "NAME", description = "the job's name")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(
            names = "--image",
            paramLabel = "REF",
            required = true,
            description = "as `hearth deploy` takes it; also a saved image's FILE or layout's DIR")
    @SuppressWarnings("NullAway.Init")
    private String image;

    @Option(names = "--progress", description = "say line by line how far a pull has come")
    private boolean progress;

    @Option(
            names = "--tasks",
            paramLabel = "N",
            defaultValue = "1",
            description = "of an execution (${DEFAULT-VALUE})")
    private int tasks;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "0",
            description = "tasks at a time, 0 for as many as there is room for (${DEFAULT-VALUE})")
    private int parallelism;

    @Option(
            names = "--max-retries",
            paramLabel = "N",
            defaultValue = "3",
            description = "how often a task that failed is tried again (${DEFAULT-VALUE})")
    private int maxRetries;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "10m",
            description = "of each attempt at a task, up to 24h (${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init")
    private String timeout;

    @Option(
            names = "--schedule",
            paramLabel = "CRON",
            description =
                    "when it runs by itself: minute, hour, day of the month, month, day of the week,"
                            + " such as \"30 4 * * mon-fri\"; without it, only when it is told to")
    private @Nullable String schedule;

    @Option(
            names = "--zone",
            paramLabel = "ZONE",
            description = "time zone of the schedule, such as Europe/Berlin (UTC)")
    private @Nullable String zone;

    @Option(
            names = "--env",
            paramLabel = "K=V",
            description = "an environment variable; may be repeated")
    private Map<String, String> env = new LinkedHashMap<>();

    @Option(
            names = "--secret",
            paramLabel = "TARGET=NAME[:VERSION]",
            description =
                    "a secret in an environment variable or a file; of the latest version when an"
                            + " attempt starts, unless it is named; may be repeated")
    private List<String> secrets = List.of();

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
            description = "memory of a task (${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init")
    private String memory;

    @Option(
            names = "--egress",
            paramLabel = "WHERE",
            defaultValue = "internet",
            description =
                    "where it may connect to: none, internet, all, or CIDR[,CIDR...] (${DEFAULT-VALUE})")
    @SuppressWarnings("NullAway.Init")
    private String egress;

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
        check();
        JobBody job;
        try (Watching pulls = Watching.begin(client(), err(), progress)) {
            job = client().post("/jobs", request(reference()), JobBody.class);
        }
        if (job.nextRun() != null) {
            out().println("runs next at " + job.nextRun());
        }
        out().println("job " + job.name() + " is deployed; `hearth jobs run " + name + "` runs it");
        return 0;
    }

    /** Finds slips before anything is sent; the platform checks again. */
    private void check() {
        new JobName(name);
        new TaskTemplate(
                image,
                JobRequest.NOT_FOUND_YET,
                ContainerSpec.toEnd(
                        command, args, env, secrets.stream().map(SecretMount::parse).toList()),
                new Resources(
                        Cpu.parse(cpu),
                        Cpu.parse(cpuLimit == null ? cpu : cpuLimit),
                        DataSize.parse(memory)),
                Egress.parse(egress),
                tasks,
                parallelism,
                maxRetries,
                Durations.parse(timeout),
                Metadata.NONE);
        if (schedule != null) {
            Schedule.parse(schedule, zone == null ? "" : zone);
        } else if (zone != null) {
            throw HearthException.invalid(
                    "missing-schedule", "a time zone without a --schedule says nothing; give both");
        }
    }

    /** What the platform is to run: what was named, or what was sent for it just now. */
    private String reference() {
        Optional<LocalImage> local = LocalImage.of(image);
        if (local.isPresent()) {
            Client client = client();
            AdminApi.RegistryBody registry = client.get("/registry", AdminApi.RegistryBody.class);
            return client.load(
                    connection().registry(registry.host()),
                    registry.token(),
                    Client.repository(registry, name),
                    local.get()::archive);
        }
        int colon = image.indexOf(':');
        String scheme = image.substring(0, Math.max(0, colon));
        return List.of("oci", "oci-archive", "docker-archive").contains(scheme)
                ? scheme + ":" + Path.of(image.substring(colon + 1)).toAbsolutePath().normalize()
                : image;
    }

    private DeployJob request(String reference) {
        return new DeployJob(
                name,
                reference,
                command,
                args,
                env,
                secrets,
                cpu,
                cpuLimit,
                memory,
                egress,
                tasks,
                parallelism,
                maxRetries,
                timeout,
                schedule,
                zone);
    }
}
