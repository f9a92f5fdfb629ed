package dev.hearth.gateway.admin;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.AdminApi.ImageBody;
import dev.hearth.contracts.AdminApi.ImagesBody;
import dev.hearth.contracts.AdminApi.PullBody;
import dev.hearth.contracts.AuditPort;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ImageAdminPort;
import dev.hearth.contracts.ImageAdminPort.ImageView;
import dev.hearth.contracts.ImageAdminPort.Pruned;
import dev.hearth.contracts.JobPort;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Service;
import dev.hearth.gateway.access.Access;
import dev.hearth.gateway.access.ProjectSecret;
import dev.hearth.gateway.access.Scopes;
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
    private final CatalogPort all;
    private final JobPort jobs;
    private final PublicAddress address;
    private final String registryToken;
    private final AuditPort audit;
    private final Scopes scopes;
    private final Executor blocking;

    /**
     * @param catalog as a project sees it
     * @param all services of all projects
     * @param jobs of all projects
     * @param address where images are pushed to
     * @param registryToken with which those of the default project are; empty where there is no
     *     registry
     * @param blocking runs what reads the disk
     */
    ImageRoutes(
            ImageAdminPort images,
            CatalogPort catalog,
            CatalogPort all,
            JobPort jobs,
            PublicAddress address,
            String registryToken,
            Keeping keeping,
            Executor blocking) {
        this.jobs = jobs;
        this.images = images;
        this.catalog = catalog;
        this.all = all;
        this.address = address;
        this.registryToken = registryToken;
        this.audit = keeping.audit();
        this.scopes = keeping.access().scopes();
        this.blocking = blocking;
    }

    void register(Router router) {
        router.get(AdminApi.BASE + "/images").handler(c -> Replies.reply(c, () -> list(c)));
        router.get(AdminApi.BASE + "/registry").handler(this::registry);
        router.get(AdminApi.BASE + "/images/sbom").handler(this::sbom);
        router.post(AdminApi.BASE + "/images/prune").handler(c -> Replies.reply(c, () -> prune(c)));
        router.get(AdminApi.BASE + "/pulls").handler(c -> Replies.reply(c, () -> pulls(c)));
    }

    /**
     * Whether somebody sees whatever this node has: an admin who names no project, and anybody
     * while there is one project only. Others see what their services and jobs are made of.
     */
    private CompletionStage<Boolean> seesAll(RoutingContext c) {
        Caller caller = Access.caller(c);
        if (!caller.project().isDefault()) {
            return CompletableFuture.completedFuture(false);
        }
        return caller.isAdmin() ? CompletableFuture.completedFuture(true) : scopes.isAlone();
    }

    private CompletionStage<List<PullBody>> pulls(RoutingContext c) {
        return seesAll(c)
                .thenApply(
                        sees ->
                                sees
                                        ? images.pulls().stream().map(PullBody::of).toList()
                                        : List.of());
    }

    private void registry(RoutingContext c) {
        if (registryToken.isEmpty()) {
            Replies.fail(
                    c,
                    new HearthException(
                            ErrorKind.NOT_FOUND,
                            "no-registry",
                            "this platform has no registry of its own; push the image to one that"
                                    + " all nodes reach, and deploy it from there"));
            return;
        }
        ProjectName project = Access.caller(c).project();
        Replies.answer(
                c,
                200,
                new AdminApi.RegistryBody(
                        address.host(),
                        ProjectSecret.of(registryToken, project),
                        project.isDefault() ? "" : project + "/"));
    }

    private void sbom(RoutingContext c) {
        String image = c.request().getParam("image", "");
        seesAll(c)
                .thenCombine(
                        catalog.as(Access.caller(c)).services(),
                        (sees, services) -> sees || isTheirs(image, services))
                .thenApplyAsync(
                        known -> document(known, Access.caller(c).project(), image), blocking)
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

    private static boolean isTheirs(String image, List<Service> services) {
        return services.stream()
                .flatMap(s -> s.revisions().stream())
                .anyMatch(r -> r.image().equals(image) || r.digest().value().equals(image));
    }

    private byte[] document(boolean known, ProjectName project, String image) {
        if (!known) {
            throw new HearthException(
                    ErrorKind.NOT_FOUND,
                    "image-not-found",
                    "none of the project's revisions was deployed from \""
                            + image
                            + "\"; say the image as `hearth describe` shows it");
        }
        return images.billOfMaterials(project, image);
    }

    private CompletionStage<ImagesBody> list(RoutingContext c) {
        return seesAll(c)
                .thenCombineAsync(
                        catalog.as(Access.caller(c)).services(),
                        (sees, services) -> sees ? whole(services) : theirs(services),
                        blocking);
    }

    private ImagesBody whole(List<Service> services) {
        ImageAdminPort.ImagesView view = images.images();
        return new ImagesBody(
                view.images().stream().map(i -> body(i, services)).toList(),
                view.layerBytes(),
                view.registryBytes(),
                view.budgetBytes());
    }

    /** What a project's services are made of, by the references that they were deployed from. */
    private ImagesBody theirs(List<Service> services) {
        List<ImageBody> used =
                images.images().images().stream()
                        .map(i -> body(named(i, services), services))
                        .filter(i -> !i.services().isEmpty())
                        .toList();
        return new ImagesBody(used, used.stream().mapToLong(ImageBody::bytes).sum(), 0, 0);
    }

    private static ImageView named(ImageView image, List<Service> services) {
        List<String> references =
                services.stream()
                        .flatMap(s -> s.revisions().stream())
                        .filter(r -> uses(r, image))
                        .map(RevisionSpec::image)
                        .distinct()
                        .toList();
        return new ImageView(
                image.digest(), references, image.bytes(), 0, image.lastUsed(), image.running());
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
                .thenCompose(noted -> all.services())
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
