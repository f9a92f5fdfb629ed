package dev.hearth.gateway.cloudrun;

import com.google.api.LaunchStage;
import com.google.cloud.run.v2.Revision;
import dev.hearth.contracts.RevisionSpec;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** A revision as Cloud Run shows it. It never changes, and is kept only if it worked. */
final class RevisionWriter {
    private RevisionWriter() {}

    static Revision write(LocationName location, RevisionSpec r) {
        String uid = uid(r);
        return Revision.newBuilder()
                .setName(location.of(r.service(), r.name()))
                .setUid(uid)
                .setGeneration(1)
                .setObservedGeneration(1)
                .putAllLabels(Kept.shown(r.metadata().labels()))
                .putAllAnnotations(Kept.shown(r.metadata().annotations()))
                .setCreateTime(ServiceWriter.timestamp(r.createdAt()))
                .setUpdateTime(ServiceWriter.timestamp(r.createdAt()))
                .setLaunchStage(LaunchStage.GA)
                .setService(r.service().value())
                .setScaling(TemplateWriter.scaling(r))
                .setMaxInstanceRequestConcurrency(r.scaling().concurrency())
                .setTimeout(TemplateWriter.timeout(r))
                .addContainers(TemplateWriter.container(r))
                .addAllVolumes(SecretWriter.volumes(r.container()))
                .setExecutionEnvironment(TemplateWriter.environment(r))
                .addConditions(ServiceWriter.succeeded("Ready", r.createdAt()))
                .setSessionAffinity(r.requests().sessionAffinity())
                .setEtag(uid.substring(0, 8))
                .build();
    }

    /** The same for as long as there is the revision. */
    private static String uid(RevisionSpec r) {
        String made = r.name() + "/" + r.createdAt();
        return UUID.nameUUIDFromBytes(made.getBytes(StandardCharsets.UTF_8)).toString();
    }
}
