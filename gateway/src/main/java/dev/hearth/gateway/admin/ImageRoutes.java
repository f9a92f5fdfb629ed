package dev.hearth.gateway.admin;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.AdminApi.ImageBody;
import dev.hearth.contracts.AdminApi.ImagesBody;
import dev.hearth.contracts.AdminApi.PullBody;
import dev.hearth.contracts.AuditPort;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ImageAdminPort;
import dev.hearth.contracts.ImageAdminPort.ImageView;
import dev.hearth.contracts.ImageAdminPort.Pruned;
import dev.hearth.contracts.JobPort;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Service;
import dev.hearth.gateway.access.Access;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** The admin API's calls about images. */
final class ImageRoutes {
    private final ImageAdminPort images;
    private final CatalogPort catalog;
    private final JobPort jobs;
    private final AdminApi.RegistryBody registry;
    private final AuditPort audit;
    private final Executor blocking;

    /**
     * @param registry where images are pushed to, and with what: no token where there is none
     * @param blocking runs what reads the disk
     */
    ImageRoutes(
            ImageAdminPort images,
            CatalogPort catalog,
            JobPort jobs,
            AdminApi.RegistryBody registry,
            AuditPort audit,
            Executor blocking) {
        this.jobs = jobs;
        this.images = images;
        this.catalog = catalog;
        this.registry = registry;
        this.audit = audit;
        this.blocking = blocking;
    }

    void register(Router router) {
        router.get(AdminApi.BASE + "/images").handler(c -> Replies.reply(c, this::list));
        router.get(AdminApi.BASE + "/registry").handler(this::registry);
        router.get(AdminApi.BASE + "/images/sbom").handler(this::sbom);
        router.post(AdminApi.BASE + "/images/prune").handler(c -> Replies.reply(c, () -> prune(c)));
        router.get(AdminApi.BASE + "/pulls")
                .handler(
                        c ->
                                Replies.answer(
                                        c,
                                        200,
                                        images.pulls().stream().map(PullBody::of).toList()));
    }

    private void registry(RoutingContext c) {
        if (registry.token().isEmpty()) {
            Replies.fail(
                    c,
                    new HearthException(
                            ErrorKind.NOT_FOUND,
                            "no-registry",
                            "this platform has no registry of its own; push the image to one that"
                                    + " all nodes reach, and deploy it from there"));
            return;
        }
        Replies.answer(c, 200, registry);
    }

    private void sbom(RoutingContext c) {
        String image = c.request().getParam("image", "");
        CompletableFuture.supplyAsync(() -> images.billOfMaterials(image), blocking)
                .whenComplete(
                        (document, failure) ->
                                c.vertx()
                                        .runOnContext(
                                                now -> {
                                                    if (failure != null) {
                                                        Replies.fail(
                                                                c, HearthException.from(failure));
                                                    } else {
                                                        c.response()
                                                                .putHeader(
                                                                        HttpHeaders.CONTENT_TYPE,
                                                                        "application/vnd.cyclonedx+json")
                                                                .end(Buffer.buffer(document));
                                                    }
                                                }));
    }

    private CompletionStage<ImagesBody> list() {
        return catalog.services()
                .thenApplyAsync(
                        services -> {
                            ImageAdminPort.ImagesView view = images.images();
                            return new ImagesBody(
                                    view.images().stream().map(i -> body(i, services)).toList(),
                                    view.layerBytes(),
                                    view.registryBytes(),
                                    view.budgetBytes());
                        },
                        blocking);
    }

    private static ImageBody body(ImageView image, List<Service> services) {
        return new ImageBody(
                image.digest().value(),
                image.references(),
                image.bytes(),
                image.sharedBytes(),
                image.lastUsed().toString(),
                image.running(),
                services.stream()
                        .filter(s -> s.revisions().stream().anyMatch(r -> uses(r, image)))
                        .map(s -> s.name().value())
                        .toList());
    }

    private static boolean uses(RevisionSpec revision, ImageView image) {
        return revision.digest().equals(image.digest());
    }

    /** Spares the images of all jobs and of all revisions that are kept: each can run again. */
    private CompletionStage<AdminApi.PrunedBody> prune(RoutingContext c) {
        return audit.note(Access.caller(c), "prune", "images", "")
                .thenCompose(noted -> catalog.services())
                .thenCombineAsync(
                        jobs.jobs(),
                        (services, all) -> {
                            Set<Digest> keep = new HashSet<>();
                            services.forEach(s -> s.revisions().forEach(r -> keep.add(r.digest())));
                            all.forEach(job -> keep.add(job.template().digest()));
                            Pruned pruned = images.prune(keep);
                            return new AdminApi.PrunedBody(pruned.images(), pruned.bytes());
                        },
                        blocking);
    }
}
