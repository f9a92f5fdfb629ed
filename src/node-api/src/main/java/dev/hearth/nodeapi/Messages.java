package dev.hearth.nodeapi;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.ImageAdminPort;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.LogPage;
import dev.hearth.contracts.Probes;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.RateLimit;
import dev.hearth.contracts.RequestPolicy;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ScalingRules;
import dev.hearth.contracts.SecretValues;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.StartTimings;
import dev.hearth.contracts.StopReason;
import dev.hearth.contracts.TaskPort;
import dev.hearth.nodeapi.v1.Exit;
import dev.hearth.nodeapi.v1.Image;
import dev.hearth.nodeapi.v1.ImagesReply;
import dev.hearth.nodeapi.v1.Instance;
import dev.hearth.nodeapi.v1.LogLine;
import dev.hearth.nodeapi.v1.LogsReply;
import dev.hearth.nodeapi.v1.OutOfMemory;
import dev.hearth.nodeapi.v1.Pull;
import dev.hearth.nodeapi.v1.Revision;
import dev.hearth.nodeapi.v1.SecretValue;
import dev.hearth.nodeapi.v1.StoredImage;
import dev.hearth.nodeapi.v1.TaskReport;
import dev.hearth.nodeapi.v1.Timings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Between our own records and the messages of {@code node.proto}. What comes from a message throws
 * INVALID, as the records do, when it cannot be.
 */
public final class Messages {
    private Messages() {}

    // ---- revisions

    public static Revision of(RevisionSpec r) {
        return Revision.newBuilder()
                .setName(r.name().value())
                .setService(r.service().value())
                .setImage(r.image())
                .setDigest(r.digest().value())
                .addAllCommand(r.container().command())
                .addAllArgs(r.container().args())
                .putAllEnv(r.container().env())
                .setPort(r.container().port())
                .setHttp2(r.container().http2())
                .setStartupProbe(r.container().probes().startupText())
                .setLivenessProbe(r.container().probes().livenessText())
                .setCpuMillis(r.resources().cpu().millis())
                .setCpuLimitMillis(r.resources().cpuLimit().millis())
                .setMemoryBytes(r.resources().memory().bytes())
                .setConcurrency(r.scaling().concurrency())
                .setMinInstances(r.scaling().minInstances())
                .setMaxInstances(r.scaling().maxInstances())
                .setIdleMillis(r.scaling().idle().toMillis())
                .setScalingRules(r.scaling().rules().toString())
                .setEgress(r.egress().toString())
                .setTimeoutMillis(r.timeout().toMillis())
                .setSessionAffinity(r.requests().sessionAffinity())
                .setRateLimit(r.requests().serviceLimit().toString())
                .setClientRateLimit(r.requests().clientLimit().toString())
                .setCreatedAt(of(r.createdAt()))
                .build();
    }

    public static RevisionSpec revision(Revision m) {
        return new RevisionSpec(
                new RevisionName(m.getName()),
                new ServiceName(m.getService()),
                m.getImage(),
                new Digest(m.getDigest()),
                new ContainerSpec(
                        m.getCommandList(),
                        m.getArgsList(),
                        m.getEnvMap(),
                        m.getPort(),
                        m.getHttp2(),
                        List.of(),
                        Probes.parse(m.getStartupProbe(), m.getLivenessProbe())),
                new Resources(
                        new Cpu(m.getCpuMillis()),
                        new Cpu(m.getCpuLimitMillis()),
                        new DataSize(m.getMemoryBytes())),
                new Scaling(
                        m.getConcurrency(),
                        m.getMinInstances(),
                        m.getMaxInstances(),
                        Duration.ofMillis(m.getIdleMillis()),
                        ScalingRules.parse(m.getScalingRules())),
                Egress.parse(m.getEgress()),
                new RequestPolicy(
                        Duration.ofMillis(m.getTimeoutMillis()),
                        m.getSessionAffinity(),
                        RateLimit.parse(m.getRateLimit()),
                        RateLimit.parse(m.getClientRateLimit())),
                instant(m.getCreatedAt()));
    }

    public static List<SecretValue> of(SecretValues secrets) {
        return secrets.all().stream()
                .map(
                        s ->
                                SecretValue.newBuilder()
                                        .setTarget(s.target())
                                        .setValue(ByteString.copyFrom(s.bytes()))
                                        .build())
                .toList();
    }

    public static SecretValues secrets(List<SecretValue> all) {
        return new SecretValues(
                all.stream()
                        .map(s -> new SecretValues.Value(s.getTarget(), s.getValue().toByteArray()))
                        .toList());
    }

    // ---- instances

    /**
     * @param gateway whose it is; empty for nobody's
     * @param startId that gateway's number of its start; 0 for none
     */
    public static Instance of(InstanceView i, String gateway, long startId) {
        return Instance.newBuilder()
                .setId(i.id().value())
                .setRevision(i.revision().value())
                .setService(i.service().value())
                .setState(i.state())
                .setHost(i.host())
                .setPort(i.port())
                .setPid(i.pid())
                .setStartedAt(of(i.startedAt()))
                .setCpuMillis(i.cpuMillis())
                .setMemoryBytes(i.memoryBytes())
                .setGateway(gateway)
                .setStartId(startId)
                .build();
    }

    /** The view; it is on the node with that name. */
    public static InstanceView view(Instance m, String node) {
        return new InstanceView(
                new InstanceId(m.getId()),
                new RevisionName(m.getRevision()),
                new ServiceName(m.getService()),
                m.getState(),
                m.getHost(),
                m.getPort(),
                m.getPid(),
                instant(m.getStartedAt()),
                m.getCpuMillis(),
                m.getMemoryBytes(),
                node);
    }

    public static Timings of(StartTimings t) {
        return Timings.newBuilder()
                .setBegunAt(of(t.begunAt()))
                .setSlotNanos(t.slotNanos())
                .setLimitsNanos(t.limitsNanos())
                .setRootfsNanos(t.rootfsNanos())
                .setExecNanos(t.execNanos())
                .setReadyNanos(t.readyNanos())
                .build();
    }

    public static StartTimings timings(Timings m) {
        return new StartTimings(
                instant(m.getBegunAt()),
                m.getSlotNanos(),
                m.getLimitsNanos(),
                m.getRootfsNanos(),
                m.getExecNanos(),
                m.getReadyNanos());
    }

    public static Exit of(InstanceExit exit) {
        return exit(exit.id().value(), exit.revision(), exit.cause(), exit.at());
    }

    private static Exit exit(String instance, RevisionName revision, ExitCause cause, Instant at) {
        Exit.Builder m =
                Exit.newBuilder().setInstance(instance).setRevision(revision.value()).setAt(of(at));
        return (switch (cause) {
                    case ExitCause.Exited e -> m.setExited(e.status());
                    case ExitCause.Killed k -> m.setKilled(k.signal());
                    case ExitCause.OutOfMemory o ->
                            m.setOutOfMemory(
                                    OutOfMemory.newBuilder()
                                            .setLimitBytes(o.limitBytes())
                                            .setPeakBytes(o.peakBytes()));
                    case ExitCause.Stopped s -> m.setStopped(s.reason().name());
                    case ExitCause.NotStarted n -> m.setNotStarted(n.why());
                    case ExitCause.Unwatched _, ExitCause.NodeLost _ -> m.setUnwatched(true);
                })
                .build();
    }

    public static TaskReport of(TaskPort.Report report) {
        String instance = report.instance().map(InstanceId::value).orElse("");
        TaskReport.Builder m =
                TaskReport.newBuilder()
                        .setAttempt(report.attempt().value())
                        .setInstance(instance)
                        .setCpuMillis(report.cpuMillis())
                        .setMemoryBytes(report.memoryBytes())
                        .setBegunAt(of(report.begunAt()))
                        .setRanMillis(report.ranMillis());
        report.ending()
                .ifPresent(e -> m.setExit(exit(instance, report.attempt(), e.cause(), e.at())));
        return m.build();
    }

    public static TaskPort.Report report(TaskReport m) {
        return new TaskPort.Report(
                new RevisionName(m.getAttempt()),
                m.getInstance().isEmpty()
                        ? Optional.empty()
                        : Optional.of(new InstanceId(m.getInstance())),
                m.getCpuMillis(),
                m.getMemoryBytes(),
                instant(m.getBegunAt()),
                m.getRanMillis(),
                m.hasExit()
                        ? Optional.of(
                                new TaskPort.Ending(
                                        cause(m.getExit()), instant(m.getExit().getAt())))
                        : Optional.empty());
    }

    public static InstanceExit exit(Exit m) {
        return new InstanceExit(
                new InstanceId(m.getInstance()),
                new RevisionName(m.getRevision()),
                cause(m),
                instant(m.getAt()));
    }

    private static ExitCause cause(Exit m) {
        return switch (m.getCauseCase()) {
            case EXITED -> new ExitCause.Exited(m.getExited());
            case KILLED -> new ExitCause.Killed(m.getKilled());
            case OUT_OF_MEMORY ->
                    new ExitCause.OutOfMemory(
                            m.getOutOfMemory().getLimitBytes(), m.getOutOfMemory().getPeakBytes());
            case NOT_STARTED -> new ExitCause.NotStarted(m.getNotStarted());
            case STOPPED -> new ExitCause.Stopped(reason(m.getStopped()));
            // what a later release may say is at least an end
            case UNWATCHED, CAUSE_NOT_SET -> new ExitCause.Unwatched();
        };
    }

    /** The reason with that name; REQUESTED for one that only a later release knows. */
    public static StopReason reason(String name) {
        for (StopReason known : StopReason.values()) {
            if (known.name().equals(name)) {
                return known;
            }
        }
        return StopReason.REQUESTED;
    }

    // ---- logs and images

    public static LogsReply of(LogPage page) {
        LogsReply.Builder m = LogsReply.newBuilder().setCursor(page.cursor());
        for (LogPage.Line line : page.lines()) {
            m.addLines(
                    LogLine.newBuilder()
                            .setRevision(line.revision())
                            .setInstance(line.instance())
                            .setText(line.text()));
        }
        return m.build();
    }

    public static LogPage page(LogsReply m) {
        return new LogPage(
                m.getLinesList().stream()
                        .map(
                                line ->
                                        new LogPage.Line(
                                                line.getRevision(),
                                                line.getInstance(),
                                                line.getText()))
                        .toList(),
                m.getCursor());
    }

    public static Image of(ResolvedImage image) {
        return Image.newBuilder()
                .setReference(image.reference())
                .setDigest(image.digest().value())
                .setProject(image.project().value())
                .build();
    }

    public static ResolvedImage image(Image m) {
        return new ResolvedImage(
                m.getReference(), new Digest(m.getDigest()), project(m.getProject()));
    }

    /** Empty is the default one, as of a gateway of the release before. */
    public static ProjectName project(String name) {
        return name.isEmpty() ? ProjectName.DEFAULT : new ProjectName(name);
    }

    public static ImagesReply of(ImageAdminPort.ImagesView view) {
        ImagesReply.Builder m =
                ImagesReply.newBuilder()
                        .setLayerBytes(view.layerBytes())
                        .setRegistryBytes(view.registryBytes())
                        .setBudgetBytes(view.budgetBytes());
        for (ImageAdminPort.ImageView image : view.images()) {
            m.addImages(
                    StoredImage.newBuilder()
                            .setDigest(image.digest().value())
                            .addAllReferences(image.references())
                            .setBytes(image.bytes())
                            .setSharedBytes(image.sharedBytes())
                            .setLastUsed(of(image.lastUsed()))
                            .setRunning(image.running()));
        }
        return m.build();
    }

    public static ImageAdminPort.ImagesView images(ImagesReply m) {
        return new ImageAdminPort.ImagesView(
                m.getImagesList().stream()
                        .map(
                                i ->
                                        new ImageAdminPort.ImageView(
                                                new Digest(i.getDigest()),
                                                i.getReferencesList(),
                                                i.getBytes(),
                                                i.getSharedBytes(),
                                                instant(i.getLastUsed()),
                                                i.getRunning()))
                        .toList(),
                m.getLayerBytes(),
                m.getRegistryBytes(),
                m.getBudgetBytes());
    }

    public static Pull of(ImageAdminPort.PullView pull) {
        return Pull.newBuilder()
                .setReference(pull.reference())
                .setBytes(pull.bytes())
                .setTotalBytes(pull.totalBytes())
                .setLayers(pull.layers())
                .setTotalLayers(pull.totalLayers())
                .build();
    }

    public static ImageAdminPort.PullView pull(Pull m) {
        return new ImageAdminPort.PullView(
                m.getReference(),
                m.getBytes(),
                m.getTotalBytes(),
                m.getLayers(),
                m.getTotalLayers());
    }

    // ---- times

    private static Timestamp of(Instant at) {
        return Timestamp.newBuilder()
                .setSeconds(at.getEpochSecond())
                .setNanos(at.getNano())
                .build();
    }

    private static Instant instant(Timestamp m) {
        return Instant.ofEpochSecond(m.getSeconds(), m.getNanos());
    }
}
