package dev.hearth.runtime.rootfs;

import java.nio.file.Path;
import java.util.List;

/**
 * What a sandbox needs of an image.
 *
 * @param layers unpacked directories directly below the layer store, bottom layer first
 * @param env {@code NAME=value} each
 * @param user as the image wrote it: empty, {@code name}, {@code uid}, {@code user:group}
 * @param workingDir absolute, or empty for the root
 */
public record ContainerImage(
        List<Path> layers,
        List<String> entrypoint,
        List<String> cmd,
        List<String> env,
        String user,
        String workingDir) {}
