package dev.hearth.imagecache;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an image says about running it; see the <a
 * href="https://github.com/opencontainers/image-spec/blob/main/config.md">OCI image
 * configuration</a>. Texts are free of NUL and small enough to be passed to a process.
 *
 * @param entrypoint ENTRYPOINT, often empty
 * @param cmd CMD: arguments of the entrypoint, or the command where there is none
 * @param env {@code NAME=VALUE} each, in the image's order
 * @param user {@code name}, {@code uid}, {@code name:group} or {@code uid:gid}; empty for root; not
 *     checked against the image's passwd file
 * @param workingDir empty where the image says nothing; not checked
 * @param exposedPorts such as {@code 8080/tcp}
 */
public record ImageConfig(
        List<String> entrypoint,
        List<String> cmd,
        List<String> env,
        String user,
        String workingDir,
        Set<String> exposedPorts,
        Map<String, String> labels) {
    public ImageConfig {
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        env = List.copyOf(env);
        exposedPorts = Set.copyOf(exposedPorts);
        labels = Map.copyOf(labels);
    }
}
