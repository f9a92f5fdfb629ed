package dev.hearth.contracts;

import java.util.List;
import java.util.Optional;

/**
 * What somebody wants of a service that is not its revisions'; what is absent stays as it is.
 *
 * @param condition that has to hold when it is changed
 * @param traffic all its targets; none for those there are
 * @param invokers who may call it
 * @param metadata all of it
 * @param bounds of its instances
 */
public record ServiceChange(
        ServiceCondition condition,
        List<TrafficTarget> traffic,
        Optional<Invokers> invokers,
        Optional<Metadata> metadata,
        Optional<InstanceBounds> bounds) {
    public static final ServiceChange NONE =
            new ServiceChange(
                    ServiceCondition.ANY,
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    /** Throws INVALID {@code invalid-traffic}. */
    public ServiceChange {
        traffic = traffic.isEmpty() ? List.of() : TrafficTarget.checked(traffic);
    }

    /** Whether it is about nothing but who may call the service, which no generation counts. */
    public boolean isOfInvokersOnly() {
        return traffic.isEmpty() && metadata.isEmpty() && bounds.isEmpty();
    }

    public ServiceChange with(ServiceCondition wanted) {
        return new ServiceChange(wanted, traffic, invokers, metadata, bounds);
    }

    public ServiceChange withTraffic(List<TrafficTarget> wanted) {
        return new ServiceChange(condition, wanted, invokers, metadata, bounds);
    }

    public ServiceChange with(Invokers wanted) {
        return new ServiceChange(condition, traffic, Optional.of(wanted), metadata, bounds);
    }

    public ServiceChange with(Metadata wanted) {
        return new ServiceChange(condition, traffic, invokers, Optional.of(wanted), bounds);
    }

    public ServiceChange with(InstanceBounds wanted) {
        return new ServiceChange(condition, traffic, invokers, metadata, Optional.of(wanted));
    }
}
