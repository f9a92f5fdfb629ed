package dev.hearth.bench.cold;

import dev.hearth.bench.platform.BenchFailure;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The others: the same binary as a process, and in the containers of tools that are installed. */
public final class Contenders {
    /** As the reports call them. */
    public static final String BARE = "bare process";

    public static final String CRUN = "crun run";
    public static final String RUNC = "runc run";
    public static final String DOCKER = "docker run, host network";
    public static final String DOCKER_PORT = "docker run -p";

    private static final Path HYBRID_CGROUP = Path.of("/sys/fs/cgroup/unified");
    private static final String CONTAINER = "hearth-bench";
    private static final String IMAGE = CONTAINER + ":cold";
    private static final int IMPORT_SECONDS = 60;

    private final Path binary;
    private final Path scratch;
    private final Clock clock;

    /**
     * @param binary a static server that listens on {@code $PORT}
     * @param scratch an empty directory for bundles
     */
    public Contenders(Path binary, Path scratch, Clock clock) {
        this.binary = binary;
        this.scratch = scratch;
        this.clock = clock;
    }

    /** Fills {@code found}; says in {@code missing} which are not there, and why. */
    public void find(List<Contender> found, Map<String, String> missing) {
        found.add(bareProcess());
        for (String tool : List.of("crun", "runc")) {
            program(tool)
                    .ifPresentOrElse(
                            path -> found.add(ociRuntime(tool, path)),
                            () -> missing.put(tool + " run", "not installed"));
        }
        docker(found, missing);
    }

    private Contender bareProcess() {
        return new CommandContender(
                BARE,
                new CommandContender.How(
                        port -> {}, port -> List.of(binary.toString()), true, List.of(), List.of()),
                Optional.empty(),
                clock);
    }

    /** The container shares the host's network, so that no tool pays for one. */
    private Contender ociRuntime(String tool, Path program) {
        OciBundle bundle = OciBundle.make(scratch.resolve(tool), binary);
        // crun 1.x takes a cgroup2 there for the whole truth and finds no controllers in it
        boolean hybrid = tool.equals("crun") && Files.isDirectory(HYBRID_CGROUP);
        List<String> base =
                List.of(program.toString(), "--root", scratch.resolve(tool + "-state").toString());
        List<String> run = plus(base, "run", "--bundle", bundle.directory().toString(), CONTAINER);
        return new CommandContender(
                tool + " run",
                new CommandContender.How(
                        bundle::setPort,
                        port -> run,
                        false,
                        plus(base, "delete", "--force", CONTAINER),
                        List.of()),
                hybrid ? Optional.of(HYBRID_CGROUP.toString()) : Optional.empty(),
                clock);
    }

    private void docker(List<Contender> found, Map<String, String> missing) {
        Optional<Path> program = program("docker");
        String why = "not installed";
        if (program.isPresent()) {
            String docker = program.get().toString();
            if (!succeeds("timeout", "5", docker, "info")) {
                why = "its daemon does not answer";
            } else if (!isImported(docker)) {
                why = "`docker import` failed";
            } else {
                found.add(docker(DOCKER, docker, "--network=host", "PORT=%d", List.of()));
                found.add(
                        docker(
                                DOCKER_PORT,
                                docker,
                                "--publish=127.0.0.1:%d:8080",
                                "PORT=8080",
                                List.of(docker, "rmi", IMAGE)));
                return;
            }
        }
        missing.put(DOCKER, why);
        missing.put(DOCKER_PORT, why);
    }

    private boolean isImported(String docker) {
        OciBundle bundle = OciBundle.make(scratch.resolve("docker"), binary);
        String pipe = "tar -C \"$1\" -c . | \"$2\" import - " + IMAGE;
        String rootfs = bundle.directory().resolve("rootfs").toString();
        return succeeds("sh", "-c", pipe, "sh", rootfs, docker);
    }

    private Contender docker(
            String name, String docker, String network, String port, List<String> cleanUp) {
        return new CommandContender(
                name,
                new CommandContender.How(
                        p -> {},
                        p ->
                                List.of(
                                        docker,
                                        "run",
                                        "-d",
                                        network.formatted(p),
                                        "-e",
                                        port.formatted(p),
                                        "--name",
                                        CONTAINER,
                                        IMAGE,
                                        "/server"),
                        false,
                        List.of(docker, "rm", "-f", CONTAINER),
                        cleanUp),
                Optional.empty(),
                clock);
    }

    private static List<String> plus(List<String> base, String... more) {
        List<String> all = new java.util.ArrayList<>(base);
        all.addAll(List.of(more));
        return List.copyOf(all);
    }

    private static Optional<Path> program(String name) {
        String path = System.getenv().getOrDefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        return java.util.Arrays.stream(path.split(":"))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static boolean succeeds(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return process.waitFor(IMPORT_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchFailure("interrupted", e);
        }
    }
}
