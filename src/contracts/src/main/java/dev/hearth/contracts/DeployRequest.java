package dev.hearth.contracts;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What somebody wants to run under a name.
 *
 * @param image {@code host/repo:tag[@digest]}, {@code oci:DIR[:tag]}, {@code oci-archive:FILE} or
 *     {@code docker-archive:FILE}
 */
public record DeployRequest(
        ServiceName service,
        String image,
        ContainerSpec container,
        Resources resources,
        Scaling scaling,
        Egress egress,
        RequestPolicy requests,
        Rollout rollout) {
    /**
     * What becomes of the service's traffic.
     *
     * @param traffic whether the new revision gets the requests that go to the latest one; else
     *     they stay with the revision that is the latest before it
     * @param tag with which the new revision gets a host of its own; empty for none
     * @param suffix of the revision's name after the service's; empty for one that is made up
     * @param invokers who may call the service from now on; empty for whoever may now, anyone at
     *     first
     * @param targets of the service's traffic from now on, all of them; none for what follows from
     *     the above
     */
    public record Rollout(
            boolean traffic,
            String tag,
            String suffix,
            Optional<Invokers> invokers,
            List<TrafficTarget> targets) {
        /** As an ordinary deploy has it. */
        public static final Rollout USUAL = new Rollout(true, "", "");

        /** Whoever may call the service may go on doing so. */
        public Rollout(boolean traffic, String tag, String suffix) {
            this(traffic, tag, suffix, Optional.empty());
        }

        public Rollout(boolean traffic, String tag, String suffix, Optional<Invokers> invokers) {
            this(traffic, tag, suffix, invokers, List.of());
        }

        private static final Pattern SUFFIX = Pattern.compile("[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?");

        /** Throws INVALID {@code invalid-name}, {@code invalid-traffic}. */
        public Rollout {
            if (!suffix.isEmpty() && !SUFFIX.matcher(suffix).matches()) {
                throw HearthException.invalid(
                        "invalid-name",
                        "a revision's suffix is 1 to 22 lower-case letters, digits and dashes");
            }
            var _ = new TrafficTarget(Optional.empty(), 0, tag);
            targets = targets.isEmpty() ? targets : TrafficTarget.checked(targets);
        }
    }

    /** With the usual rollout. */
    public DeployRequest(
            ServiceName service,
            String image,
            ContainerSpec container,
            Resources resources,
            Scaling scaling,
            Egress egress,
            RequestPolicy requests) {
        this(service, image, container, resources, scaling, egress, requests, Rollout.USUAL);
    }

    /** Throws INVALID when the image has no name. */
    public DeployRequest {
        if (image.isBlank() || image.length() > 4096) {
            throw HearthException.invalid("invalid-image", "no image was named; say --image REF");
        }
    }
}
