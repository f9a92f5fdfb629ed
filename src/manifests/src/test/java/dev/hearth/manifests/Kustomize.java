package dev.hearth.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** What {@code kubectl apply -k} would send to a cluster. */
final class Kustomize {
    private static final long SECONDS = 60;

    /** Of Kubernetes 1.22 on; before it kustomize did not know the field {@code labels}. */
    private static final int OLDEST_MINOR = 22;

    private static final Pattern MINOR = Pattern.compile("v1\\.([0-9]+)");

    private Kustomize() {}

    /**
     * Skips the test, and says so, without a kubectl; on a continuous-integration machine that
     * fails. One that is too old is the newest that the distribution has (Debian 12's is of 1.20),
     * so that skips the test everywhere.
     */
    static void need() throws Exception {
        boolean there =
                Arrays.stream(System.getenv("PATH").split(":"))
                        .anyMatch(d -> Files.isExecutable(Path.of(d, "kubectl")));
        String missing =
                "kubectl is missing; on Debian or Ubuntu: apt-get install kubernetes-client";
        if (!there && "true".equals(System.getenv("CI"))) {
            throw new AssertionError(missing);
        }
        assume(there, missing);
        String version = run(Path.of("."), "kubectl", "version", "--client");
        Matcher minor = MINOR.matcher(version);
        assertThat(minor.find()).as(version).isTrue();
        assume(
                Integer.parseInt(minor.group(1)) >= OLDEST_MINOR,
                "kubectl of Kubernetes 1."
                        + OLDEST_MINOR
                        + " or later is needed to build the overlays; this one is "
                        + minor.group());
    }

    /** Copies the manifests to a directory and makes of the examples what a user makes of them. */
    static void copy(Path to) throws IOException {
        try (Stream<Path> files = Files.walk(Documents.FOLDER)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(Documents.FOLDER.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
                String name = copy.getFileName().toString();
                if (name.endsWith(".env.example")) {
                    Files.copy(file, copy.resolveSibling(name.replace(".example", "")));
                }
            }
        }
    }

    /** The documents of an overlay in such a copy. */
    static List<JsonNode> build(Path copy, String overlay) throws Exception {
        return Documents.parse(run(copy, "kubectl", "kustomize", "overlays/" + overlay));
    }

    /**
     * What kubectl would do with an overlay in such a copy.
     *
     * @param server that says which kinds there are
     */
    static String dryRun(Path copy, String overlay, String server) throws Exception {
        return run(
                copy,
                "kubectl",
                "apply",
                "--dry-run=client",
                "--validate=false", // which asks for a description of every field: see StrictReader
                "--server=" + server,
                "--kubeconfig=/dev/null",
                "--cache-dir=" + copy.resolve("discovered"),
                "--output=name",
                "-k",
                "overlays/" + overlay);
    }

    private static void assume(boolean fulfilled, String otherwise) {
        if (!fulfilled) {
            System.err.println("SKIPPED: " + otherwise);
        }
        Assumptions.assumeTrue(fulfilled, otherwise);
    }

    /** What a program wrote; it neither fails nor warns. */
    private static String run(Path directory, String... command) throws Exception {
        Path output = Files.createTempFile("hearth-kubectl", ".out");
        Path errors = Files.createTempFile("hearth-kubectl", ".err");
        try {
            Process process =
                    new ProcessBuilder(command)
                            .directory(directory.toFile())
                            .redirectOutput(output.toFile())
                            .redirectError(errors.toFile())
                            .start();
            boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly();
            }
            String said = List.of(command) + ": " + Files.readString(errors);
            assertThat(ended && process.exitValue() == 0).as(said).isTrue();
            assertThat(errors).as(said).isEmptyFile();
            return Files.readString(output);
        } finally {
            Files.delete(output);
            Files.delete(errors);
        }
    }
}
