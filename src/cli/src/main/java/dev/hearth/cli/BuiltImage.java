package dev.hearth.cli;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * An image that was built of a directory's Dockerfile, as an archive that is deleted when this is
 * closed. Building is left to buildah or podman, whose caches make a second build quick.
 */
record BuiltImage(Path archive) implements AutoCloseable {
    private static final int MOST_MINUTES = 60;
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    /**
     * Builds; what the builder prints goes to this process's stderr.
     *
     * @throws HearthException INVALID {@code no-dockerfile}, FAILED_PRECONDITION {@code no-builder}
     *     or {@code build-failed}
     */
    static BuiltImage of(Path source, PrintWriter err) {
        if (Stream.of("Dockerfile", "Containerfile")
                .noneMatch(name -> Files.isRegularFile(source.resolve(name)))) {
            throw HearthException.invalid(
                    "no-dockerfile",
                    "there is no Dockerfile in "
                            + source.toAbsolutePath().normalize()
                            + "; write one, or name another directory with --source DIR");
        }
        String builder =
                onPath("buildah")
                        .or(() -> onPath("podman"))
                        .orElseThrow(
                                () ->
                                        new HearthException(
                                                ErrorKind.FAILED_PRECONDITION,
                                                "no-builder",
                                                "building needs buildah or podman, and neither is"
                                                        + " installed; get one (Debian, Ubuntu: sudo"
                                                        + " apt-get install buildah; Fedora: sudo"
                                                        + " dnf install buildah), or build elsewhere"
                                                        + " and deploy with --image"));
        try {
            Path work = Files.createTempDirectory("hearth-build-");
            BuiltImage image = new BuiltImage(work.resolve("image.tar"));
            boolean built = false;
            try {
                image.build(builder, source, err);
                built = true;
                return image;
            } finally {
                if (!built) {
                    image.close();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("building in the temporary directory failed", e);
        }
    }

    private void build(String builder, Path source, PrintWriter err) throws IOException {
        Path id = archive.resolveSibling("image-id");
        err.println("building " + source + " with " + builder + " …");
        run(
                List.of(
                        builder,
                        "build",
                        "--layers",
                        "--iidfile",
                        id.toString(),
                        source.toString()),
                err);
        run(List.of(builder, "push", Files.readString(id).strip(), "oci-archive:" + archive), err);
    }

    /** Its stderr is ours: opened anew as /dev/stderr, a file would be written from its start. */
    private static void run(List<String> command, PrintWriter err) throws IOException {
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Thread copying =
                Thread.ofVirtual().start(() -> process.inputReader().lines().forEach(err::println));
        try {
            process.getOutputStream().close();
            if (!process.waitFor(MOST_MINUTES, TimeUnit.MINUTES)) {
                throw failed(command, "took more than " + MOST_MINUTES + " minutes");
            }
            copying.join(LAST_WORDS);
            if (process.exitValue() != 0) {
                throw failed(command, "failed; see above");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(command, "was interrupted");
        } finally {
            process.destroy();
        }
    }

    private static HearthException failed(List<String> command, String how) {
        return new HearthException(
                ErrorKind.FAILED_PRECONDITION,
                "build-failed",
                "`" + String.join(" ", command) + "` " + how);
    }

    private static Optional<String> onPath(String program) {
        String path = System.getenv("PATH");
        return Arrays.stream((path == null ? "" : path).split(":"))
                .filter(directory -> Files.isExecutable(Path.of(directory, program)))
                .findFirst()
                .map(directory -> program);
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(archive);
            Files.deleteIfExists(archive.resolveSibling("image-id"));
            Files.deleteIfExists(archive.resolveSibling(".").normalize());
        } catch (IOException e) {
            throw new UncheckedIOException("deleting the built image failed", e);
        }
    }
}
