package dev.hearth.runtime.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** The programs of this machine that tests use. */
public final class Programs {
    private static final int SECONDS = 300;

    private Programs() {}

    /**
     * Says which program a test lacks. On a continuous-integration machine ({@code CI=true}) that
     * fails the test, elsewhere it is skipped, and the reason is in the summary.
     */
    public static void need(String program, String debianPackage) {
        boolean there =
                Arrays.stream(System.getenv("PATH").split(":"))
                        .anyMatch(d -> Files.isExecutable(Path.of(d, program)));
        String message =
                program + " is missing; on Debian or Ubuntu: apt-get install " + debianPackage;
        if (!there && "true".equals(System.getenv("CI"))) {
            throw new AssertionError(message);
        }
        if (!there) {
            System.err.println("SKIPPED: " + message);
        }
        Assumptions.assumeTrue(there, message);
    }

    /** Runs one to its end and returns what it wrote; fails with that when it fails. */
    public static String run(Path directory, String... command) {
        try {
            Path output = Files.createTempFile("hearth-test", ".out");
            try {
                Process process =
                        new ProcessBuilder(command)
                                .directory(directory.toFile())
                                .redirectErrorStream(true)
                                .redirectOutput(output.toFile())
                                .start();
                boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
                if (!ended) {
                    process.destroyForcibly();
                }
                String text = Files.readString(output, StandardCharsets.ISO_8859_1);
                if (!ended || process.exitValue() != 0) {
                    throw new AssertionError(List.of(command) + " failed: " + text);
                }
                return text;
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
