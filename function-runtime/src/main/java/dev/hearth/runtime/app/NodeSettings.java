package dev.hearth.runtime.app;

import dev.hearth.runtime.instance.InstanceLimits;
import java.nio.file.Path;
import java.util.List;

/**
 * How a node is set up.
 *
 * @param data the platform's directory
 * @param layers the layer store
 * @param slots kept ready ahead of requests
 * @param loadedSlots revisions at most for which one is kept loaded
 * @param logBytes most of one instance's log file
 * @param seccompProfile the path of a profile, "unconfined", or empty for Hearth's own
 * @param dns name servers of the instances; none for those of the host
 */
public record NodeSettings(
        Path data,
        Path layers,
        int slots,
        int loadedSlots,
        long logBytes,
        InstanceLimits limits,
        String seccompProfile,
        List<String> dns) {}
