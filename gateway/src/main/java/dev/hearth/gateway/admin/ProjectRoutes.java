package dev.hearth.gateway.admin;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.AdminApi.InvokerBody;
import dev.hearth.contracts.AdminApi.ProjectBody;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.ProjectPort;
import dev.hearth.gateway.access.Access;
import dev.hearth.gateway.access.ProjectSecret;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** The projects there are, and what callers of their private services show. */
final class ProjectRoutes {
    private static final String PROJECTS = AdminApi.BASE + "/projects";

    private final ProjectPort projects;

    private final String invokerToken;

    /**
     * @param invokerToken the default project's; see ProjectSecret
     */
    ProjectRoutes(ProjectPort projects, String invokerToken) {
        this.projects = projects;
        this.invokerToken = invokerToken;
    }

    void register(Router router) {
        router.get(AdminApi.BASE + "/invoker-token")
                .handler(c -> Replies.answer(c, 200, invokers(c)));
        router.get(PROJECTS)
                .handler(
                        c ->
                                Replies.reply(
                                        c,
                                        () ->
                                                projects.projects()
                                                        .thenApply(
                                                                all ->
                                                                        all.stream()
                                                                                .map(
                                                                                        ProjectRoutes
                                                                                                ::body)
                                                                                .toList())));
        router.post(PROJECTS + "/:name")
                .handler(
                        c ->
                                Replies.reply(
                                        c,
                                        () ->
                                                projects.create(Access.caller(c), name(c))
                                                        .thenApply(ProjectRoutes::body)));
        router.delete(PROJECTS + "/:name")
                .handler(c -> Replies.reply(c, () -> projects.delete(Access.caller(c), name(c))));
    }

    private InvokerBody invokers(RoutingContext c) {
        return new InvokerBody(ProjectSecret.of(invokerToken, Access.caller(c).project()));
    }

    private static ProjectName name(RoutingContext c) {
        return new ProjectName(c.pathParam("name"));
    }

    private static ProjectBody body(ProjectPort.Project p) {
        return new ProjectBody(p.name().value(), p.createdAt().toString());
    }
}
