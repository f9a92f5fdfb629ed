package dev.hearth.gateway.knative;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceChange;
import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.access.Access;
import dev.hearth.gateway.access.Scopes;
import dev.hearth.gateway.admin.PublicAddress;
import dev.hearth.gateway.admin.Replies;
import io.vertx.core.Context;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Knative's API for services, on the admin port: create, get, list, watch, replace, delete. Answers
 * are complete when they come: a service that is answered is ready, one that does not work is an
 * error.
 */
public final class KnativeRoutes {
    /** What all paths begin with. */
    public static final String BASE =
            "/apis/" + ServiceReader.API + "/namespaces/:namespace/services";

    private static final int HTTP_GONE = 410;
    private static final Logger LOG = Logger.getLogger(KnativeRoutes.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MOST_BODY_BYTES = 1 << 20;

    /** Clients go on with another one; who may not any more finds out by then. */
    private static final int LONGEST_WATCH_SECONDS = 600;

    private static final Pattern SECONDS = Pattern.compile("[1-9][0-9]{0,8}");

    private final CatalogPort catalog;
    private final PublicAddress address;
    private final Scopes scopes;
    private final Watches watches;

    /**
     * @param catalog as a project sees it
     * @param address of the services' URLs
     * @param scopes tell for which project, hence namespace, somebody calls
     */
    public KnativeRoutes(CatalogPort catalog, PublicAddress address, Scopes scopes, Clock clock) {
        this.catalog = catalog;
        this.address = address;
        this.scopes = scopes;
        this.watches = new Watches(clock);
    }

    /** Adds the API to the admin port's router, behind whatever checks its callers. */
    public void register(Router router) {
        String one = BASE + "/:name";
        BodyHandler body = BodyHandler.create(false).setBodyLimit(MOST_BODY_BYTES);
        router.route(BASE).handler(body);
        router.route(one).handler(body);
        router.get(BASE)
                .handler(
                        c -> {
                            if (isWatch(c)) {
                                watch(c);
                            } else {
                                reply(c, 200, its -> list(c, its));
                            }
                        });
        router.post(BASE).handler(c -> reply(c, 201, its -> create(c, its)));
        router.get(one)
                .handler(
                        c ->
                                reply(
                                        c,
                                        200,
                                        its ->
                                                its.catalog()
                                                        .service(name(c))
                                                        .thenApply(its.writer()::write)));
        router.put(one).handler(c -> reply(c, 200, its -> replace(c, its)));
        router.delete(one).handler(c -> reply(c, 200, its -> delete(c, its)));
    }

    /**
     * A namespace: a project.
     *
     * @param project its name
     * @param catalog as it sees it
     */
    private record Namespace(String project, CatalogPort catalog, ServiceWriter writer) {}

    private Namespace of(Caller caller) {
        PublicAddress its = address.in(caller.project());
        String project = caller.project().value();
        return new Namespace(project, catalog.as(caller), new ServiceWriter(its, project));
    }

    private CompletionStage<ObjectNode> list(RoutingContext c, Namespace its) {
        Selection selection = Selection.of(c.queryParams());
        return watches.look(its.project(), its.catalog())
                .thenCompose(
                        place ->
                                its.catalog()
                                        .services()
                                        .thenApply(all -> list(its, selection, all, place)));
    }

    private static ObjectNode list(
            Namespace its, Selection selection, List<Service> all, String place) {
        ObjectNode list = JSON.createObjectNode();
        list.put("apiVersion", ServiceReader.API).put("kind", "ServiceList");
        list.putObject("metadata").put("resourceVersion", place);
        ArrayNode items = list.putArray("items");
        all.stream().filter(selection::matches).forEach(s -> items.add(its.writer().write(s)));
        return list;
    }

    private static boolean isWatch(RoutingContext c) {
        String wanted = c.queryParams().get("watch");
        return "true".equals(wanted) || "1".equals(wanted);
    }

    private void watch(RoutingContext c) {
        Context context = c.vertx().getOrCreateContext();
        Replies.reply(
                c,
                () -> {
                    if (c.request().getHeader(HttpHeaders.UPGRADE) != null) {
                        throw new HearthException(
                                ErrorKind.UNAVAILABLE,
                                "no-upgrade",
                                "a watch is an answer that goes on; it is not upgraded");
                    }
                    Selection selection = Selection.of(c.queryParams());
                    if (!selection.labels().isEmpty()) {
                        throw HearthException.invalid(
                                "invalid-selector",
                                "a labelSelector is for lists; watch all services, or one by"
                                        + " fieldSelector=metadata.name=NAME");
                    }
                    int seconds = seconds(c.queryParams().get("timeoutSeconds"));
                    String from = c.queryParams().get("resourceVersion");
                    return namespaceOf(c)
                            .thenCompose(
                                    its ->
                                            new Watch(
                                                            c,
                                                            watches,
                                                            its.project(),
                                                            its.catalog(),
                                                            its.writer(),
                                                            selection,
                                                            context)
                                                    .begin(from == null ? "" : from, seconds));
                },
                begun -> {},
                failure -> fail(c, failure));
    }

    private static int seconds(@Nullable String text) {
        if (text == null) {
            return LONGEST_WATCH_SECONDS;
        }
        if (!SECONDS.matcher(text).matches()) {
            throw HearthException.invalid(
                    "invalid-timeout", "timeoutSeconds is a whole number from 1 on, not " + text);
        }
        return Math.min(Integer.parseInt(text), LONGEST_WATCH_SECONDS);
    }

    private CompletionStage<ObjectNode> create(RoutingContext c, Namespace its) {
        DeployRequest wanted = ServiceReader.read(body(c), namespace(c));
        CatalogPort caller = its.catalog();
        return found(caller, wanted.service())
                .thenCompose(
                        there -> {
                            if (!there.isEmpty()) {
                                throw new HearthException(
                                        ErrorKind.CONFLICT,
                                        "service-exists",
                                        "there is a service \"" + wanted.service() + "\" already");
                            }
                            return caller.deploy(wanted);
                        })
                .thenApply(its.writer()::write);
    }

    /** Nothing is deployed when only the traffic differs. */
    private CompletionStage<ObjectNode> replace(RoutingContext c, Namespace its) {
        DeployRequest wanted = ServiceReader.read(body(c), namespace(c));
        if (!wanted.service().equals(name(c))) {
            throw HearthException.invalid("invalid-field", "metadata.name is not the path's");
        }
        CatalogPort caller = its.catalog();
        return caller.service(wanted.service())
                .thenCompose(
                        now ->
                                isDeployed(wanted, now.latest())
                                        ? share(caller, wanted, now)
                                        : caller.deploy(wanted))
                .thenApply(its.writer()::write);
    }

    private static CompletionStage<Service> share(
            CatalogPort catalog, DeployRequest wanted, Service now) {
        ServiceChange change = wanted.rollout().change();
        boolean same =
                (change.traffic().isEmpty() || change.traffic().equals(now.traffic()))
                        && change.metadata().orElse(now.metadata()).equals(now.metadata());
        return same ? CompletableFuture.completedFuture(now) : catalog.change(now.name(), change);
    }

    /** Whether the template is that of the latest revision. */
    private static boolean isDeployed(DeployRequest wanted, RevisionSpec latest) {
        String suffix = wanted.rollout().suffix();
        return wanted.image().equals(latest.image())
                && wanted.container().equals(latest.container())
                && wanted.resources().equals(latest.resources())
                && wanted.scaling().equals(latest.scaling())
                && wanted.requests().equals(latest.requests())
                && wanted.metadata().equals(latest.metadata())
                && (suffix.isEmpty()
                        || latest.name().value().equals(wanted.service() + "-" + suffix));
    }

    private static CompletionStage<ObjectNode> delete(RoutingContext c, Namespace its) {
        return its.catalog()
                .delete(name(c))
                .thenApply(
                        gone ->
                                JSON.createObjectNode()
                                        .put("kind", "Status")
                                        .put("apiVersion", "v1")
                                        .put("status", "Success"));
    }

    private static CompletionStage<List<Service>> found(CatalogPort catalog, ServiceName name) {
        return catalog.service(name)
                .thenApply(List::of)
                .exceptionally(
                        failure -> {
                            HearthException why = HearthException.from(failure);
                            if (why.kind() == ErrorKind.NOT_FOUND) {
                                return List.of();
                            }
                            throw why;
                        });
    }

    private static ServiceName name(RoutingContext c) {
        return new ServiceName(c.pathParam("name"));
    }

    private static JsonNode body(RoutingContext c) {
        try {
            String text = c.body().buffer() == null ? "" : c.body().asString();
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw HearthException.invalid(
                    "invalid-json", "the body is not JSON: " + e.getOriginalMessage());
        }
    }

    private void reply(
            RoutingContext c, int status, Function<Namespace, CompletionStage<ObjectNode>> call) {
        Replies.reply(
                c,
                () -> namespaceOf(c).thenCompose(call),
                value -> Replies.answer(c, status, value),
                failure -> fail(c, failure));
    }

    private CompletionStage<Namespace> namespaceOf(RoutingContext c) {
        return scopes.named(Access.caller(c), namespace(c))
                .exceptionally(failure -> noNamespace(c, failure))
                .thenApply(this::of);
    }

    private static String namespace(RoutingContext c) {
        return c.pathParam("namespace");
    }

    /** The same for one that there is not and for one of somebody else. */
    private static Caller noNamespace(RoutingContext c, Throwable failure) {
        HearthException why = HearthException.from(failure);
        if (why.kind() != ErrorKind.NOT_FOUND && why.kind() != ErrorKind.FORBIDDEN) {
            throw why;
        }
        throw new HearthException(
                ErrorKind.NOT_FOUND,
                "namespace-not-found",
                "there is no namespace \""
                        + namespace(c)
                        + "\" for the token \""
                        + Access.caller(c).name()
                        + "\"; the namespaces are the projects");
    }

    /** A failure as Kubernetes words it. */
    public static void fail(RoutingContext c, HearthException e) {
        if (e.kind() == ErrorKind.INTERNAL) {
            LOG.errorf(e, "%s %s failed", c.request().method(), c.normalizedPath());
        }
        ObjectNode status = status(e);
        Replies.answer(c, status.path("code").asInt(), status);
    }

    /** The same, as it is told within an answer too. */
    static ObjectNode status(HearthException e) {
        boolean gone = Watches.isGone(e);
        ObjectNode status = JSON.createObjectNode();
        status.put("kind", "Status").put("apiVersion", "v1").put("status", "Failure");
        status.put("message", message(e));
        status.put("reason", gone ? "Expired" : reason(e.kind()));
        status.put("code", gone ? HTTP_GONE : e.kind().httpStatus());
        return status;
    }

    private static String message(HearthException e) {
        return e.details().isEmpty()
                ? e.sentence()
                : e.sentence() + "\n" + String.join("\n", e.details());
    }

    private static String reason(ErrorKind kind) {
        return Map.of(
                        ErrorKind.INVALID, "BadRequest",
                        ErrorKind.UNAUTHENTICATED, "Unauthorized",
                        ErrorKind.FORBIDDEN, "Forbidden",
                        ErrorKind.NOT_FOUND, "NotFound",
                        ErrorKind.CONFLICT, "AlreadyExists",
                        ErrorKind.FAILED_PRECONDITION, "Invalid",
                        ErrorKind.EXHAUSTED, "TooManyRequests",
                        ErrorKind.UNAVAILABLE, "ServiceUnavailable",
                        ErrorKind.DEADLINE, "Timeout")
                .getOrDefault(kind, "InternalError");
    }
}
