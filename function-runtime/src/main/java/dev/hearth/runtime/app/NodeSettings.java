package dev.hearth.runtime.app;

import dev.hearth.runtime.instance.InstanceLimits;
import java.nio.file.Path;

/**
 * How a node is set up.
 *
 * @param data the platform's directory
 * @param layers the layer store
 * @param slots kept ready ahead of requests
 * @param logBytes most of one instance's log file
 * @param seccompProfile the path of a profile, "unconfined", or empty for Hearth's own
 */
public record NodeSettings(
        Path data,
        Path layers,
        int slots,
        long logBytes,
        InstanceLimits limits,
        String seccompProfile) {}
