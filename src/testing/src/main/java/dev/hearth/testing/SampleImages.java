package dev.hearth.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The sample images of {@code src/testing/images}, built when first asked for and cached between
 * runs.
 */
public final class SampleImages {
    private static final int BUILD_MINUTES = 15;

    private SampleImages() {}

    /**
     * The OCI image layout directory of one image.
     *
     * @param root of the project
     * @param name {@code busybox}, {@code hello-c}, {@code probe}, {@code flask}, {@code node} or
     *     {@code jvm}
     */
    public static Path layout(Path root, String name) {
        try {
            Process build =
                    new ProcessBuilder(root.resolve("src/testing/images/build").toString(), name)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            String printed =
                    new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!build.waitFor(BUILD_MINUTES, TimeUnit.MINUTES) || build.exitValue() != 0) {
                build.destroyForcibly();
                throw new IllegalStateException("building the sample image " + name + " failed");
            }
            return Path.of(printed.strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
