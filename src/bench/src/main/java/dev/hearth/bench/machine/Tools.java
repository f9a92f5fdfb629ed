package dev.hearth.bench.machine;

import dev.hearth.bench.platform.BenchFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Commands of the system, run to their end. */
public final class Tools {
    private static final int SECONDS = 300;

    private Tools() {}

    public static boolean isInstalled(String program) {
        String path = System.getenv().getOrDefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        return Arrays.stream(path.split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    /** What it printed on standard output; fails with what it printed beside. */
    public static String run(String... command) throws InterruptedException {
        return run(List.of(command), Path.of("/tmp"), process -> {});
    }

    /**
     * The same.
     *
     * @param temporary where it keeps what it needs meanwhile
     * @param watcher is told the process as soon as it runs
     */
    public static String run(List<String> command, Path temporary, Consumer<Process> watcher)
            throws InterruptedException {
        try {
            Path errors = Files.createTempFile(temporary, "stderr", "");
            ProcessBuilder builder =
                    new ProcessBuilder(command)
                            .redirectInput(Path.of("/dev/null").toFile())
                            .redirectError(errors.toFile());
            builder.environment().put("TMPDIR", temporary.toString());
            Process process = builder.start();
            try {
                watcher.accept(process);
                String said =
                        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                    throw new BenchFailure(
                            "`"
                                    + String.join(" ", command)
                                    + "` failed: "
                                    + Files.readString(errors).strip());
                }
                return said;
            } finally {
                process.destroyForcibly();
                Files.delete(errors);
            }
        } catch (IOException e) {
            throw new BenchFailure("`" + String.join(" ", command) + "` cannot be run: " + e, e);
        }
    }

    /** Deletes a tree that tools made; what they left mounted in it is unmounted first. */
    public static void remove(Path tree) throws InterruptedException {
        try {
            List<String> left =
                    Files.readAllLines(Path.of("/proc/mounts")).stream()
                            .map(line -> line.split(" ")[1])
                            .filter(point -> point.startsWith(tree + "/"))
                            .toList();
            for (String point : left.reversed()) {
                run("umount", point);
            }
        } catch (IOException e) {
            throw new BenchFailure("/proc/mounts cannot be read: " + e, e);
        }
        run("rm", "-rf", "--one-file-system", tree.toString());
    }
}
