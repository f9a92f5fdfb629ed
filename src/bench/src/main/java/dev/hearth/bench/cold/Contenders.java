package dev.hearth.bench.cold;

import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The others: the same binary as a process, and in the containers of tools that are installed. */
public final class Contenders {
    private static final Path HYBRID_CGROUP = Path.of("/sys/fs/cgroup/unified");
    private static final String CONTAINER = "hearth-bench";

    private final Path binary;
    private final Path scratch;
    private final Clock clock;

    /**
     * @param binary a static server that listens on {@code $PORT}
     * @param scratch an empty directory for bundles and logs
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
            if (isInstalled(tool)) {
                found.add(ociRuntime(tool));
            } else {
                missing.put(tool, "not installed");
            }
        }
        docker(found, missing);
    }

    private Contender bareProcess() {
        return new CommandContender(
                "bare process",
                new Shell(List.of(), scratch.resolve("bare.log")),
                port -> {},
                port ->
                        "PORT="
                                + port
                                + " "
                                + Shell.quote(binary)
                                + " </dev/null >/dev/null & P=$!",
                "kill -9 $P; wait $P",
                () -> {},
                clock);
    }

    /** The container shares the host's network, so that no tool pays for one. */
    private Contender ociRuntime(String tool) {
        OciBundle bundle = OciBundle.make(scratch.resolve(tool), binary);
        boolean hybrid = tool.equals("crun") && Files.isDirectory(HYBRID_CGROUP);
        Shell shell =
                new Shell(
                        hybrid ? List.of("unshare", "-m") : List.of(),
                        scratch.resolve(tool + ".log"));
        if (hybrid) {
            // crun 1.x takes a cgroup2 there for the whole truth and finds no controllers in it.
            shell.run("umount " + HYBRID_CGROUP);
        }
        String base = tool + " --root " + Shell.quote(scratch.resolve(tool + "-state"));
        return new CommandContender(
                tool + " run",
                shell,
                bundle::setPort,
                port ->
                        base
                                + " run --bundle "
                                + Shell.quote(bundle.directory())
                                + " "
                                + CONTAINER
                                + " </dev/null >/dev/null & P=$!",
                base + " delete --force " + CONTAINER + "; wait $P",
                () -> {},
                clock);
    }

    private void docker(List<Contender> found, Map<String, String> missing) {
        if (!isInstalled("docker")) {
            missing.put("docker", "not installed");
            return;
        }
        Shell shell = new Shell(List.of(), scratch.resolve("docker.log"));
        if (shell.run("timeout 5 docker info 2>/dev/null") != 0) {
            shell.close();
            missing.put("docker", "its daemon does not answer");
            return;
        }
        String image = CONTAINER + ":cold";
        OciBundle bundle = OciBundle.make(scratch.resolve("docker"), binary);
        String rootfs = Shell.quote(bundle.directory().resolve("rootfs"));
        if (shell.run("tar -C " + rootfs + " -c . | docker import - " + image) != 0) {
            shell.close();
            missing.put("docker", "`docker import` failed");
            return;
        }
        found.add(
                new CommandContender(
                        "docker run",
                        shell,
                        port -> {},
                        port ->
                                "docker run -d --network=host -e PORT=%d --name %s %s /server"
                                                .formatted(port, CONTAINER, image)
                                        + " </dev/null >/dev/null & P=$!",
                        "wait $P; docker rm -f " + CONTAINER,
                        () -> shell.run("docker rmi " + image),
                        clock));
    }

    private boolean isInstalled(String tool) {
        try (Shell shell = new Shell(List.of(), scratch.resolve("which.log"))) {
            return shell.run("command -v " + tool) == 0;
        }
    }

    /** Deletes a tree; for the caller's scratch directory. */
    public static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
