package dev.hearth.contracts;

import java.time.Duration;
import java.time.Instant;

/**
 * A revision: everything needed to start an instance of it, fixed for ever.
 *
 * @param image the reference as it was deployed, for people; {@code digest} is what runs
 * @param digest of the image's manifest
 * @param metadata of its own, beside its service's
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
        RequestPolicy requests,
        Metadata metadata,
        Instant createdAt) {
    /** One without metadata. */
    public RevisionSpec(
            RevisionName name,
            ServiceName service,
            String image,
            Digest digest,
            ContainerSpec container,
            Resources resources,
            Scaling scaling,
            Egress egress,
            RequestPolicy requests,
            Instant createdAt) {
        this(
                name,
                service,
                image,
                digest,
                container,
                resources,
                scaling,
                egress,
                requests,
                Metadata.NONE,
                createdAt);
    }

    /** One without session affinity and rate limits. */
    public RevisionSpec(
            RevisionName name,
            ServiceName service,
            String image,
            Digest digest,
            ContainerSpec container,
            Resources resources,
            Scaling scaling,
            Egress egress,
            Duration timeout,
            Instant createdAt) {
        this(
                name,
                service,
                image,
                digest,
                container,
                resources,
                scaling,
                egress,
                RequestPolicy.within(timeout),
                createdAt);
    }

    /** See {@link RequestPolicy}. */
    public Duration timeout() {
        return requests.timeout();
    }

    /** The same with another container. */
    public RevisionSpec withContainer(ContainerSpec other) {
        return new RevisionSpec(
                name, service, image, digest, other, resources, scaling, egress, requests, metadata,
                createdAt);
    }
}
