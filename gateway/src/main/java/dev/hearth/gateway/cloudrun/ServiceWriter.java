package dev.hearth.gateway.cloudrun;

import com.google.api.LaunchStage;
import com.google.cloud.run.v2.Condition;
import com.google.cloud.run.v2.IngressTraffic;
import com.google.cloud.run.v2.Service;
import com.google.cloud.run.v2.ServiceScaling;
import com.google.cloud.run.v2.TrafficTargetAllocationType;
import com.google.cloud.run.v2.TrafficTargetStatus;
import com.google.protobuf.Timestamp;
import dev.hearth.contracts.InstanceBounds;
import dev.hearth.contracts.Metadata;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.TrafficTarget;
import dev.hearth.gateway.admin.PublicAddress;
import java.time.Instant;
import java.util.Locale;

/** A service as Cloud Run shows it, with the state of one that is ready: what is stored here is. */
final class ServiceWriter {
    private final PublicAddress address;

    ServiceWriter(PublicAddress address) {
        this.address = address;
    }

    /** The same, for services of a project. */
    ServiceWriter in(ProjectName project) {
        return new ServiceWriter(address.in(project));
    }

    static Timestamp timestamp(Instant at) {
        return Timestamp.newBuilder()
                .setSeconds(at.getEpochSecond())
                .setNanos(at.getNano())
                .build();
    }

    static Condition succeeded(String type, Instant since) {
        return Condition.newBuilder()
                .setType(type)
                .setState(Condition.State.CONDITION_SUCCEEDED)
                .setLastTransitionTime(timestamp(since))
                .build();
    }

    /** Whether anyone may call it, whatever its policy says. */
    static boolean isIamDisabled(dev.hearth.contracts.Service s) {
        return !s.metadata().annotation(Kept.INVOKER_IAM_DISABLED).isEmpty();
    }

    Service write(LocationName location, dev.hearth.contracts.Service s) {
        Metadata kept = s.metadata();
        String latest = location.of(s.name(), s.latest().name());
        Service.Builder service =
                Service.newBuilder()
                        .setName(location.of(s.name()))
                        .setDescription(kept.annotation(Kept.DESCRIPTION))
                        .setUid(s.version().uid().toString())
                        .setGeneration(s.version().generation())
                        .setObservedGeneration(s.version().generation())
                        .putAllLabels(Kept.shown(kept.labels()))
                        .putAllAnnotations(Kept.shown(kept.annotations()))
                        .setCreateTime(timestamp(s.createdAt()))
                        .setUpdateTime(timestamp(s.updatedAt()))
                        .setCreator(kept.annotation(Kept.CREATOR))
                        .setLastModifier(kept.annotation(Kept.LAST_MODIFIER))
                        .setClient(kept.annotation(Kept.CLIENT))
                        .setClientVersion(kept.annotation(Kept.CLIENT_VERSION))
                        .setIngress(IngressTraffic.INGRESS_TRAFFIC_ALL)
                        .setLaunchStage(launchStage(kept))
                        .setTemplate(TemplateWriter.template(s.latest()))
                        .setInvokerIamDisabled(isIamDisabled(s))
                        .addUrls(url(address.url(s.name())))
                        .setUri(url(address.url(s.name())))
                        .setTerminalCondition(succeeded("Ready", s.updatedAt()))
                        .addConditions(succeeded("RoutesReady", s.updatedAt()))
                        .addConditions(succeeded("ConfigurationsReady", s.updatedAt()))
                        .setLatestReadyRevision(latest)
                        .setLatestCreatedRevision(latest)
                        .setEtag(s.version().etag());
        scaling(s, service);
        for (TrafficTarget target : s.traffic()) {
            service.addTraffic(target(target));
            service.addTrafficStatuses(status(s, target));
        }
        return service.build();
    }

    private static LaunchStage launchStage(Metadata kept) {
        String stage = kept.annotation(Kept.LAUNCH_STAGE);
        for (LaunchStage known : new LaunchStage[] {LaunchStage.ALPHA, LaunchStage.BETA}) {
            if (known.name().equals(stage)) {
                return known;
            }
        }
        return LaunchStage.GA;
    }

    private static void scaling(dev.hearth.contracts.Service s, Service.Builder into) {
        InstanceBounds bounds = s.bounds();
        String mode = s.metadata().annotation(Kept.SCALING_MODE).toUpperCase(Locale.ROOT);
        if (mode.equals(ServiceScaling.ScalingMode.MANUAL.name())) {
            into.getScalingBuilder()
                    .setScalingMode(ServiceScaling.ScalingMode.MANUAL)
                    .setManualInstanceCount(bounds.min());
        } else if (!mode.isEmpty() || !bounds.equals(InstanceBounds.NONE)) {
            into.getScalingBuilder()
                    .setScalingMode(
                            mode.isEmpty()
                                    ? ServiceScaling.ScalingMode.SCALING_MODE_UNSPECIFIED
                                    : ServiceScaling.ScalingMode.AUTOMATIC)
                    .setMinInstanceCount(bounds.min())
                    .setMaxInstanceCount(bounds.max());
        }
    }

    private static TrafficTargetAllocationType type(TrafficTarget target) {
        return target.revision().isPresent()
                ? TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION
                : TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST;
    }

    private static com.google.cloud.run.v2.TrafficTarget target(TrafficTarget target) {
        com.google.cloud.run.v2.TrafficTarget.Builder written =
                com.google.cloud.run.v2.TrafficTarget.newBuilder()
                        .setType(type(target))
                        .setPercent(target.percent())
                        .setTag(target.tag());
        target.revision().ifPresent(name -> written.setRevision(name.value()));
        return written.build();
    }

    private TrafficTargetStatus status(dev.hearth.contracts.Service s, TrafficTarget target) {
        TrafficTargetStatus.Builder status =
                TrafficTargetStatus.newBuilder()
                        .setType(type(target))
                        .setRevision(target.revision().orElse(s.latest().name()).value())
                        .setPercent(target.percent())
                        .setTag(target.tag());
        if (!target.tag().isEmpty()) {
            status.setUri(url(address.url(target.tag(), s.name())));
        }
        return status.build();
    }

    /** Without the slash at its end, to which clients put a path with one. */
    private static String url(String url) {
        return url.substring(0, url.length() - 1);
    }
}
