package dev.hearth.contracts;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What somebody wants to run under a name.
 *
 * @param image {@code host/repo:tag[@digest]}, {@code oci:DIR[:tag]}, {@code oci-archive:FILE} or
 *     {@code docker-archive:FILE}
 * @param metadata of the revision
 */
public record DeployRequest(
        ServiceName service,
        String image,
        ContainerSpec container,
        Resources resources,
        Scaling scaling,
        Egress egress,
        RequestPolicy requests,
        Metadata metadata,
        Rollout rollout) {
    /**
     * What becomes of the service's traffic.
     *
     * @param traffic whether the new revision gets the requests that go to the latest one; else
     *     they stay with the revision that is the latest before it
     * @param tag with which the new revision gets a host of its own; empty for none
     * @param suffix of the revision's name after the service's; empty for one that is made up
     * @param change what else changes with it; its targets, when there are any, are all that the
     *     service has from now on, whatever the above says
     * @param gradual in which steps requests move to it; empty for all at once, as a service's
     *     first revision always gets them
     */
    public record Rollout(
            boolean traffic,
            String tag,
            String suffix,
            ServiceChange change,
            Optional<RolloutPlan> gradual) {
        /** As an ordinary deploy has it. */
        public static final Rollout USUAL = new Rollout(true, "", "");

        /** The rest stays as it is. */
        public Rollout(boolean traffic, String tag, String suffix) {
            this(traffic, tag, suffix, ServiceChange.NONE);
        }

        /** All at once. */
        public Rollout(boolean traffic, String tag, String suffix, ServiceChange change) {
            this(traffic, tag, suffix, change, Optional.empty());
        }

        /** The same, step by step. */
        public Rollout gradually(Optional<RolloutPlan> plan) {
            return new Rollout(traffic, tag, suffix, change, plan);
        }

        public Rollout(boolean traffic, String tag, String suffix, Optional<Invokers> invokers) {
            this(
                    traffic,
                    tag,
                    suffix,
                    invokers.map(ServiceChange.NONE::with).orElse(ServiceChange.NONE));
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
            if (gradual.isPresent() && (!traffic || !change.traffic().isEmpty())) {
                throw HearthException.invalid(
                        "invalid-rollout",
                        "a gradual rollout shares the requests itself; it goes neither with"
                                + " --no-traffic nor with shares of one's own");
            }
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

    /** Without metadata. */
    public DeployRequest(
            ServiceName service,
            String image,
            ContainerSpec container,
            Resources resources,
            Scaling scaling,
            Egress egress,
            RequestPolicy requests,
            Rollout rollout) {
        this(
                service,
                image,
                container,
                resources,
                scaling,
                egress,
                requests,
                Metadata.NONE,
                rollout);
    }

    /**
     * Instances that are paid for all the time have their CPU all the time. Throws INVALID when the
     * image has no name, or the container no port.
     */
    public DeployRequest {
        if (container.runsToEnd()) {
            throw HearthException.invalid(
                    "invalid-port",
                    "port 0 is not between 1 and 65535; what does not listen is a job: see `hearth"
                            + " jobs deploy`");
        }
        if (service.value().startsWith(JobName.SERVICE_PREFIX)) {
            throw HearthException.invalid(
                    "invalid-name",
                    "names that begin with \""
                            + JobName.SERVICE_PREFIX
                            + "\" are those that jobs are billed under; choose another");
        }
        if (resources.billing() == Billing.INSTANCE) {
            scaling = scaling.withCpuAlways();
        }
        if (image.isBlank() || image.length() > 4096) {
            throw HearthException.invalid("invalid-image", "no image was named; say --image REF");
        }
    }
}
