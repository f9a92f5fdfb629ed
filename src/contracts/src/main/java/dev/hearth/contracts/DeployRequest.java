package dev.hearth.contracts;

import java.time.Duration;

/**
 * What somebody wants to run under a name.
 *
 * @param image {@code host/repo:tag[@digest]}, {@code oci:DIR[:tag]}, {@code oci-archive:FILE} or
 *     {@code docker-archive:FILE}
 * @param timeout see {@link RevisionSpec}; 1 s to 1 h
 */
public record DeployRequest(
        ServiceName service,
        String image,
        ContainerSpec container,
        Resources resources,
        Scaling scaling,
        Egress egress,
        Duration timeout) {
    /** Throws INVALID when the timeout is out of range or the image has no name. */
    public DeployRequest {
        if (image.isBlank() || image.length() > 4096) {
            throw HearthException.invalid("invalid-image", "no image was named; say --image REF");
        }
        if (timeout.toMillis() < 1000 || timeout.toMillis() > 3_600_000) {
            throw HearthException.invalid(
                    "invalid-timeout",
                    "timeout " + Durations.format(timeout) + " is not between 1s and 1h");
        }
    }
}
