package dev.hearth.gateway.cloudrun;

import com.google.api.LaunchStage;
import com.google.cloud.run.v2.IngressTraffic;
import com.google.cloud.run.v2.Service;
import com.google.cloud.run.v2.ServiceScaling;
import com.google.cloud.run.v2.TrafficTargetAllocationType;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.InstanceBounds;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.Metadata;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.ServiceChange;
import dev.hearth.contracts.ServiceCondition;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TrafficTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A Cloud Run service as what is to be deployed. What Hearth cannot do is refused with its field
 * named; what it only keeps is in annotations.
 */
final class ServiceReader {
    /** Whoever has the admin token: nobody else may call. */
    static final String ADMIN = "admin";

    private static final String PATH = "service";
    private static final int LONGEST_DESCRIPTION = 512;
    private static final int LONGEST_CLIENT = 256;

    /** What can be had, and what Cloud Run only tells and clients send back. */
    private static final Set<String> FIELDS =
            Set.of(
                    "name",
                    "description",
                    "labels",
                    "annotations",
                    "client",
                    "clientVersion",
                    "ingress",
                    "launchStage",
                    "template",
                    "traffic",
                    "scaling",
                    "invokerIamDisabled",
                    "etag",
                    "uid",
                    "generation",
                    "createTime",
                    "updateTime",
                    "deleteTime",
                    "expireTime",
                    "creator",
                    "lastModifier",
                    "urls",
                    "observedGeneration",
                    "terminalCondition",
                    "conditions",
                    "latestReadyRevision",
                    "latestCreatedRevision",
                    "trafficStatuses",
                    "uri",
                    "satisfiesPzs",
                    "threatDetectionEnabled",
                    "reconciling");

    private ServiceReader() {}

    /**
     * Throws INVALID with the field that cannot be had.
     *
     * @param now the service that there is
     * @param condition of the change
     */
    static DeployRequest read(
            ServiceName name,
            Service sent,
            Optional<dev.hearth.contracts.Service> now,
            ServiceCondition condition) {
        Sent.only(PATH, sent, FIELDS);
        if (sent.getIngress() != IngressTraffic.INGRESS_TRAFFIC_UNSPECIFIED
                && sent.getIngress() != IngressTraffic.INGRESS_TRAFFIC_ALL) {
            throw Sent.unsupported(PATH + ".ingress", "can be INGRESS_TRAFFIC_ALL only");
        }
        ServiceChange change =
                ServiceChange.NONE
                        .with(condition)
                        .with(metadata(sent, now))
                        .with(bounds(sent.getScaling()))
                        .withTraffic(traffic(sent));
        return TemplateReader.read(
                name,
                sent.getTemplate(),
                now.map(dev.hearth.contracts.Service::latest),
                invokers(sent, now).map(change::with).orElse(change));
    }

    private static Metadata metadata(Service sent, Optional<dev.hearth.contracts.Service> now) {
        check("description", sent.getDescription(), LONGEST_DESCRIPTION);
        check("client", sent.getClient(), LONGEST_CLIENT);
        check("clientVersion", sent.getClientVersion(), LONGEST_CLIENT);
        Metadata before = now.map(dev.hearth.contracts.Service::metadata).orElse(Metadata.NONE);
        Metadata merged =
                Kept.merged(PATH, sent.getLabelsMap(), sent.getAnnotationsMap(), before)
                        .with(Kept.DESCRIPTION, sent.getDescription())
                        .with(Kept.CLIENT, sent.getClient())
                        .with(Kept.CLIENT_VERSION, sent.getClientVersion())
                        .with(Kept.LAUNCH_STAGE, launchStage(sent.getLaunchStage()))
                        .with(Kept.SCALING_MODE, mode(sent.getScaling().getScalingMode()))
                        .with(Kept.INVOKER_IAM_DISABLED, sent.getInvokerIamDisabled() ? "true" : "")
                        .with(Kept.LAST_MODIFIER, ADMIN);
        return now.isPresent() ? merged : merged.with(Kept.CREATOR, ADMIN);
    }

    private static void check(String field, String text, int longest) {
        if (text.length() > longest) {
            throw Sent.wrong(PATH + "." + field, "is longer than " + longest + " characters");
        }
    }

    private static String launchStage(LaunchStage stage) {
        return switch (stage) {
            case LAUNCH_STAGE_UNSPECIFIED -> "";
            case ALPHA, BETA, GA -> stage.name();
            default -> throw Sent.wrong(PATH + ".launchStage", "is not ALPHA, BETA or GA");
        };
    }

    private static String mode(ServiceScaling.ScalingMode mode) {
        return mode == ServiceScaling.ScalingMode.SCALING_MODE_UNSPECIFIED
                ? ""
                : mode.name().toLowerCase(Locale.ROOT);
    }

    private static InstanceBounds bounds(ServiceScaling scaling) {
        String path = PATH + ".scaling";
        Sent.only(
                path,
                scaling,
                Set.of(
                        "minInstanceCount",
                        "maxInstanceCount",
                        "scalingMode",
                        "manualInstanceCount"));
        switch (scaling.getScalingMode()) {
            case SCALING_MODE_UNSPECIFIED, AUTOMATIC -> {
                if (scaling.hasManualInstanceCount()) {
                    throw Sent.unsupported(
                            path + ".manualInstanceCount", "is for the scaling mode MANUAL");
                }
                return new InstanceBounds(
                        scaling.getMinInstanceCount(), scaling.getMaxInstanceCount());
            }
            case MANUAL -> {
                if (scaling.getManualInstanceCount() < 1) {
                    throw Sent.wrong(path + ".manualInstanceCount", "is not at least 1");
                }
                if (scaling.getMinInstanceCount() != 0 || scaling.getMaxInstanceCount() != 0) {
                    throw Sent.unsupported(
                            path + ".minInstanceCount, maxInstanceCount",
                            "are for the scaling mode AUTOMATIC");
                }
                return new InstanceBounds(
                        scaling.getManualInstanceCount(), scaling.getManualInstanceCount());
            }
            default -> throw Sent.wrong(path + ".scalingMode", "is neither AUTOMATIC nor MANUAL");
        }
    }

    /** Private at first; what it is then is its policy's, unless that is switched off or on. */
    private static Optional<Invokers> invokers(
            Service sent, Optional<dev.hearth.contracts.Service> now) {
        if (sent.getInvokerIamDisabled()) {
            return Optional.of(Invokers.ANYONE);
        }
        return now.isEmpty() || ServiceWriter.isIamDisabled(now.get())
                ? Optional.of(Invokers.TOKEN)
                : Optional.empty();
    }

    private static List<TrafficTarget> traffic(Service sent) {
        List<TrafficTarget> targets = new ArrayList<>();
        for (int i = 0; i < sent.getTrafficCount(); i++) {
            targets.add(target(PATH + ".traffic[" + i + "]", sent.getTraffic(i)));
        }
        return targets.isEmpty() ? TrafficTarget.ALL_TO_LATEST : targets;
    }

    private static TrafficTarget target(String path, com.google.cloud.run.v2.TrafficTarget sent) {
        String revision = sent.getRevision();
        boolean latest =
                switch (sent.getType()) {
                    case TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST -> true;
                    case TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION -> false;
                    case TRAFFIC_TARGET_ALLOCATION_TYPE_UNSPECIFIED -> revision.isEmpty();
                    case UNRECOGNIZED ->
                            throw Sent.wrong(
                                    path + ".type",
                                    "is neither "
                                            + TrafficTargetAllocationType
                                                    .TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST
                                            + " nor "
                                            + TrafficTargetAllocationType
                                                    .TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION);
                };
        if (latest != revision.isEmpty()) {
            throw Sent.wrong(
                    path + ".revision",
                    latest ? "is given, where the type is LATEST" : "is missing");
        }
        return new TrafficTarget(
                latest ? Optional.empty() : Optional.of(new RevisionName(revision)),
                sent.getPercent(),
                sent.getTag());
    }
}
