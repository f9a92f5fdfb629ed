package dev.hearth.contracts;

import java.time.Duration;
import java.time.Instant;

/**
 * A revision: everything needed to start an instance of it, fixed for ever.
 *
 * @param image the reference as it was deployed, for people; {@code digest} is what runs
 * @param digest of the image's manifest
 * @param timeout of a request from its arrival, start-up included: 504 when no answer has begun by
 *     then, and one that has begun is cut off
 */
public record RevisionSpec(
        RevisionName name,
        ServiceName service,
        String image,
        Digest digest,
        ContainerSpec container,
        Resources resources,
        Scaling scaling,
        Egress egress,
        Duration timeout,
        Instant createdAt) {}
