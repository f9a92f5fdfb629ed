package dev.hearth.gateway.knative;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.CatalogPort;
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
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Knative's API for services, on the admin port: create, get, list, replace, delete. Answers are
 * complete when they come: a service that is answered is ready, one that does not work is an error.
 */
public final class KnativeRoutes {
    /** What all paths begin with. */
    public static final String BASE =
            "/apis/" + ServiceReader.API + "/namespaces/:namespace/services";

    private static final Logger LOG = Logger.getLogger(KnativeRoutes.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MOST_BODY_BYTES = 1 << 20;

    private final CatalogPort catalog;
    private final PublicAddress address;
    private final Scopes scopes;

    /**
     * @param catalog as a project sees it
     * @param address of the services' URLs
     * @param scopes tell for which project, hence namespace, somebody calls
     */
    public KnativeRoutes(CatalogPort catalog, PublicAddress address, Scopes scopes) {
        this.catalog = catalog;
        this.address = address;
        this.scopes = scopes;
    }

    /** Adds the API to the admin port's router, behind whatever checks its callers. */
    public void register(Router router) {
        String one = BASE + "/:name";
        BodyHandler body = BodyHandler.create(false).setBodyLimit(MOST_BODY_BYTES);
        router.route(BASE).handler(body);
        router.route(one).handler(body);
        router.get(BASE).handler(c -> reply(c, 200, this::list));
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
     * @param catalog as it sees it
     */
    private record Namespace(CatalogPort catalog, ServiceWriter writer) {}

    private Namespace of(Caller caller) {
        PublicAddress its = address.in(caller.project());
        return new Namespace(catalog.as(caller), new ServiceWriter(its, caller.project().value()));
    }

    private CompletionStage<ObjectNode> list(Namespace its) {
        return its.catalog()
                .services()
                .thenApply(
                        services -> {
                            ObjectNode list = JSON.createObjectNode();
                            list.put("apiVersion", ServiceReader.API).put("kind", "ServiceList");
                            list.putObject("metadata").put("resourceVersion", "0");
                            ArrayNode items = list.putArray("items");
                            services.forEach(s -> items.add(its.writer().write(s)));
                            return list;
                        });
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
                () ->
                        scopes.named(Access.caller(c), namespace(c))
                                .exceptionally(failure -> noNamespace(c, failure))
                                .thenCompose(caller -> call.apply(of(caller))),
                value -> Replies.answer(c, status, value),
                failure -> fail(c, failure));
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
        ObjectNode status = JSON.createObjectNode();
        status.put("kind", "Status").put("apiVersion", "v1").put("status", "Failure");
        status.put("message", message(e));
        status.put("reason", reason(e.kind()));
        status.put("code", e.kind().httpStatus());
        Replies.answer(c, e.kind().httpStatus(), status);
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
