package dev.hearth.imagecache;

import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.unpack.UnpackLimits;
import java.time.Duration;

/**
 * What the image cache may spend.
 *
 * @param resolve the most time to find out what a reference means
 * @param pull the most time to fetch and unpack one image
 * @param parallelLayers layers that are fetched and unpacked at once, over all images
 * @param layer how much one layer may unpack to
 */
public record CacheLimits(Duration resolve, Duration pull, int parallelLayers, UnpackLimits layer) {
    public static final CacheLimits DEFAULT =
            new CacheLimits(
                    Duration.ofSeconds(60), Duration.ofMinutes(10), 3, UnpackLimits.DEFAULT);

    /** Throws INVALID {@code invalid-config} when nothing could ever be pulled. */
    public CacheLimits {
        if (resolve.isZero() || pull.isZero() || parallelLayers < 1 || parallelLayers > 64) {
            throw HearthException.invalid(
                    "invalid-config",
                    "hearth.images.resolve-timeout and pull-timeout must be above 0, and"
                            + " parallel-layers ("
                            + parallelLayers
                            + ") between 1 and 64");
        }
    }
}
