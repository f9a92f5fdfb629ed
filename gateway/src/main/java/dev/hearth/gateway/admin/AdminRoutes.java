package dev.hearth.gateway.admin;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.AdminApi.InstanceBody;
import dev.hearth.contracts.AdminApi.Status;
import dev.hearth.contracts.Budget;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ImageAdminPort;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.JobPort;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RolloutPlan;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.ScalingPort;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TaskPort;
import dev.hearth.gateway.access.Access;
import dev.hearth.gateway.cloudrun.CloudRunRoutes;
import dev.hearth.gateway.knative.KnativeRoutes;
import dev.hearth.gateway.openapi.OpenApiRoutes;
import dev.hearth.gateway.pool.RevisionPool;
import dev.hearth.gateway.project.ImageRights;
import dev.hearth.gateway.project.Labels;
import dev.hearth.gateway.project.ProjectCatalog;
import dev.hearth.gateway.project.ProjectJobs;
import dev.hearth.gateway.route.Traffic;
import io.vertx.core.Context;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The admin API; paths and bodies are those of {@link AdminApi}. */
public final class AdminRoutes {
    private static final long MOST_BODY_BYTES = 1 << 20;
    private static final int LOG_LINES = 200;

    private final CatalogPort catalog;
    private final RuntimePort runtime;
    private final ImageRoutes images;
    private final ScalingRoutes scaling;
    private final UsageRoutes usage;
    private final DomainRoutes domains;
    private final KnativeRoutes knative;
    private final Traffic traffic;
    private final Metrics metrics;
    private final PublicAddress address;
    private final CloudRunRoutes cloudRun;
    private final Keeping keeping;
    private final AccessRoutes access;
    private final SecretRoutes secrets;
    private final QuotaRoutes quotas;
    private final JobRoutes jobs;
    private final Supplier<Status> status;
    private final Runnable shutdown;
    private final Executor blocking;

    private static final String METRICS = "/q/metrics";

    /**
     * @param address of the services' URLs
     * @param keeping who may do what
     * @param registryToken what images are pushed with
     * @param shutdown stops the platform, soon
     * @param blocking runs what reads the disk
     */
    public AdminRoutes(
            CatalogPort catalog,
            JobPort jobs,
            TaskPort tasks,
            RuntimePort runtime,
            ImageAdminPort images,
            ScalingPort scaling,
            BillSources bill,
            Traffic traffic,
            PublicAddress address,
            Keeping keeping,
            String registryToken,
            Supplier<Status> status,
            Runnable shutdown,
            Executor blocking) {
        ImageRights rights = new ImageRights(keeping.access().scopes(), address.domain());
        JobPort itsJobs = ProjectJobs.of(jobs, rights, Caller.BOOTSTRAP);
        this.catalog = ProjectCatalog.of(catalog, rights, Caller.BOOTSTRAP);
        this.runtime = runtime;
        this.images =
                new ImageRoutes(
                        images,
                        this.catalog,
                        catalog,
                        jobs,
                        address,
                        registryToken,
                        keeping,
                        blocking);
        this.quotas =
                new QuotaRoutes(keeping.quotas(), keeping.gate(), this.catalog, images, blocking);
        this.scaling =
                new ScalingRoutes(this.catalog, scaling, Clock.system(), blocking, bill.prices());
        this.usage = new UsageRoutes(bill, Clock.system());
        this.domains = new DomainRoutes(this.catalog, address);
        this.traffic = traffic;
        this.metrics = new Metrics(runtime, traffic::pools);
        this.address = address;
        this.knative =
                new KnativeRoutes(this.catalog, address, keeping.access().scopes(), Clock.system());
        this.keeping = keeping;
        this.secrets = new SecretRoutes(keeping.secrets(), keeping.audit());
        this.access = new AccessRoutes(keeping, Clock.system());
        this.cloudRun =
                new CloudRunRoutes(
                        this.catalog, itsJobs, address, keeping.access(), Clock.system(), blocking);
        this.jobs = new JobRoutes(itsJobs, tasks, blocking);
        this.status = status;
        this.shutdown = shutdown;
        this.blocking = blocking;
    }

    /** Adds the API to the admin port's router. */
    public void register(Router router) {
        String services = AdminApi.BASE + "/services";
        router.route(AdminApi.BASE + "/*").handler(keeping.access().check(Replies::fail));
        router.route("/apis/*").handler(keeping.access().checkRole(KnativeRoutes::fail));
        router.route(METRICS).handler(keeping.access().check(Replies::fail));
        BodyHandler body = BodyHandler.create(false).setBodyLimit(MOST_BODY_BYTES);
        router.post(services).handler(body);
        router.post(services + "/:name/traffic").handler(body);
        router.get(AdminApi.BASE + "/status").handler(c -> Replies.answer(c, 200, status.get()));
        router.get(services)
                .handler(
                        c ->
                                Replies.reply(
                                        c,
                                        () -> catalog(c).services().thenApply(all -> all(c, all))));
        router.post(services).handler(c -> Replies.reply(c, () -> deploy(c)));
        router.get(services + "/:name")
                .handler(
                        c ->
                                Replies.reply(
                                        c,
                                        () ->
                                                catalog(c)
                                                        .service(name(c))
                                                        .thenApply(s -> one(c, s))));
        router.delete(services + "/:name")
                .handler(c -> Replies.reply(c, () -> catalog(c).delete(name(c))));
        router.post(services + "/:name/traffic").handler(c -> Replies.reply(c, () -> share(c)));
        router.post(services + "/:name/budget").handler(c -> Replies.reply(c, () -> budget(c)));
        router.post(services + "/:name/rollback")
                .handler(
                        c ->
                                Replies.reply(
                                        c,
                                        () ->
                                                catalog(c)
                                                        .rollback(name(c))
                                                        .thenApply(s -> one(c, s))));
        router.delete(services + "/:name/revisions/:revision")
                .handler(c -> Replies.reply(c, () -> catalog(c).delete(name(c), revision(c))));
        router.post(services + "/:name/stop").handler(c -> Replies.reply(c, () -> stop(c)));
        router.get(services + "/:name/logs").handler(c -> Replies.reply(c, () -> logs(c)));
        router.get(AdminApi.BASE + "/instances").handler(c -> Replies.reply(c, () -> instances(c)));
        router.post(AdminApi.BASE + "/shutdown").handler(this::shutdown);
        router.get(METRICS).handler(this::metrics);
        access.register(router);
        secrets.register(router);
        quotas.register(router);
        new ProjectRoutes(keeping.projects(), keeping.invokerToken()).register(router);
        images.register(router);
        scaling.register(router);
        usage.register(router);
        domains.register(router);
        new OpenApiRoutes().register(router);
        jobs.register(router);
        knative.register(router);
        cloudRun.register(router);
        router.route(AdminApi.BASE + "/*").handler(c -> Replies.fail(c, noSuchCall(c)));
        router.route(AdminApi.BASE + "/*").failureHandler(this::failed);
    }

    /** The catalog, for whoever makes the call. */
    private CatalogPort catalog(RoutingContext c) {
        return catalog.as(Access.caller(c));
    }

    private CompletionStage<Object> deploy(RoutingContext c) {
        AdminApi.Deploy body = Bodies.parse(c, "deploy", AdminApi.Deploy.class);
        return catalog(c).deploy(Bodies.request(body)).thenApply(s -> one(c, s));
    }

    private CompletionStage<Object> budget(RoutingContext c) {
        Budget wanted = Budget.parse(c.request().getParam("of", ""));
        return catalog(c).budget(name(c), wanted).thenApply(s -> one(c, s));
    }

    private CompletionStage<Object> share(RoutingContext c) {
        AdminApi.Traffic body = Bodies.parse(c, "traffic change", AdminApi.Traffic.class);
        Optional<RolloutPlan> gradual = Bodies.plan(body.gradual(), body.steps());
        if (gradual.isPresent()) {
            return catalog(c)
                    .rollOut(name(c), Bodies.only(body), gradual.get())
                    .thenApply(s -> one(c, s));
        }
        return catalog(c).traffic(name(c), Bodies.change(body)).thenApply(s -> one(c, s));
    }

    private Object one(RoutingContext c, Service service) {
        return bodies(c).service(service, count(labels(c).service(service.name())));
    }

    private Object all(RoutingContext c, List<Service> services) {
        Bodies bodies = bodies(c);
        Labels labels = labels(c);
        return services.stream()
                .map(s -> bodies.service(s, count(labels.service(s.name()))))
                .toList();
    }

    private Bodies bodies(RoutingContext c) {
        return new Bodies(address.in(Access.caller(c).project()));
    }

    private static Labels labels(RoutingContext c) {
        return new Labels(Access.caller(c).project());
    }

    private int count(ServiceName name) {
        return (int) runtime.instances().stream().filter(i -> i.service().equals(name)).count();
    }

    private CompletionStage<?> stop(RoutingContext c) {
        ServiceName name = name(c);
        return catalog(c)
                .service(name)
                .thenCompose(
                        known ->
                                keeping.audit()
                                        .note(Access.caller(c), "stop", "service", name.value()))
                .thenCompose(noted -> traffic.stopInstances(labels(c).service(name)));
    }

    /** Of a service that serves here without asking the catalog, whose database may be away. */
    private CompletionStage<?> logs(RoutingContext c) {
        ServiceName name = name(c);
        String cursor = c.request().getParam("cursor", "");
        int most = number(c.request().getParam("most", Integer.toString(LOG_LINES)));
        ServiceName whole = labels(c).service(name);
        CompletionStage<?> known =
                traffic.route(whole).isPresent()
                        ? CompletableFuture.completedFuture(whole)
                        : catalog(c).service(name);
        return known.thenApplyAsync(there -> runtime.logs(whole, cursor, most), blocking);
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw HearthException.invalid(
                    "invalid-number", "most=\"" + text + "\" is not a number");
        }
    }

    private CompletionStage<List<InstanceBody>> instances(RoutingContext c) {
        String service = c.request().getParam("service", "");
        ProjectName project = Access.caller(c).project();
        Map<InstanceId, Integer> inFlight = new HashMap<>();
        for (RevisionPool pool : traffic.pools()) {
            inFlight.putAll(pool.inFlight());
        }
        return CompletableFuture.supplyAsync( // reads the memory in use from cgroup files
                () ->
                        runtime.instances().stream()
                                .filter(i -> i.service().project().equals(project))
                                .filter(
                                        i ->
                                                service.isEmpty()
                                                        || i.service().label().equals(service))
                                .map(i -> Bodies.instance(i, inFlight.getOrDefault(i.id(), 0)))
                                .toList(),
                blocking);
    }

    /** Whose numbers somebody sees: an admin who names no project all of them. */
    private static Predicate<ProjectName> projects(RoutingContext c) {
        Caller caller = Access.caller(c);
        return caller.isAdmin() && caller.project().isDefault()
                ? any -> true
                : caller.project()::equals;
    }

    private void metrics(RoutingContext c) {
        Replies.reply(
                c,
                () -> CompletableFuture.supplyAsync(() -> metrics.text(projects(c)), blocking),
                text ->
                        c.response()
                                .putHeader(HttpHeaders.CONTENT_TYPE, Metrics.CONTENT_TYPE)
                                .end(text),
                failure -> Replies.fail(c, failure));
    }

    /** Whether or not it can be written down: a platform without its database can be stopped. */
    private void shutdown(RoutingContext c) {
        Context context = c.vertx().getOrCreateContext();
        keeping.audit()
                .note(Access.caller(c), "stop", "platform", "")
                .whenComplete(
                        (noted, failure) ->
                                context.runOnContext(
                                        now ->
                                                c.response()
                                                        .setStatusCode(202)
                                                        .end()
                                                        .onComplete(sent -> shutdown.run())));
    }

    private static ServiceName name(RoutingContext c) {
        return new ServiceName(c.pathParam("name"));
    }

    private static RevisionName revision(RoutingContext c) {
        return new RevisionName(c.pathParam("revision"));
    }

    private static HearthException noSuchCall(RoutingContext c) {
        return new HearthException(
                ErrorKind.NOT_FOUND,
                "no-such-call",
                c.request().method() + " " + c.normalizedPath() + " is not part of the admin API");
    }

    private void failed(RoutingContext c) {
        Throwable cause = c.failure();
        if (cause != null) {
            Replies.fail(c, HearthException.from(cause));
        } else if (c.statusCode() == 413 && c.normalizedPath().contains("/secrets")) {
            Replies.answer(
                    c,
                    413,
                    AdminApi.ErrorBody.of(
                            HearthException.invalid(
                                    "invalid-secret", "a secret's value is over 64 KiB")));
        } else if (c.statusCode() == 413) {
            Replies.answer(
                    c,
                    413,
                    AdminApi.ErrorBody.of(
                            HearthException.invalid("body-too-large", "the body is over 1 MiB")));
        } else {
            c.next();
        }
    }
}
