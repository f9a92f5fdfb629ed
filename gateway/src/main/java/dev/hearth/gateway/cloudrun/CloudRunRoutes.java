package dev.hearth.gateway.cloudrun;

import com.google.rpc.Status;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.JobPort;
import dev.hearth.gateway.access.Access;
import dev.hearth.gateway.admin.PublicAddress;
import dev.hearth.gateway.admin.Replies;
import io.vertx.core.Context;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Google Cloud Run's Admin API v2 on the admin port. Nothing of Google's types is loaded before the
 * first call, and none of it on an event loop, which other requests wait for.
 */
public final class CloudRunRoutes {
    private static final Logger LOG = Logger.getLogger(CloudRunRoutes.class);
    private static final String PATHS = "/v2/*";
    private static final long MOST_BODY_BYTES = 1 << 20;
    private static final int LONGEST_PHRASE = 300;

    /** Google's client for Java sends PATCH so, since the JDK's old HTTP client knows none. */
    private static final String METHOD_OVERRIDE = "X-HTTP-Method-Override";

    private final CatalogPort catalog;
    private final JobPort jobs;
    private final PublicAddress address;
    private final Access access;
    private final Clock clock;
    private final Executor blocking;
    private final Object lock = new Object();

    private @Nullable RunApi api; // guarded by lock

    /**
     * @param address of the services' URLs
     * @param access is asked before every call
     * @param blocking runs what takes longer than an event loop should
     */
    public CloudRunRoutes(
            CatalogPort catalog,
            JobPort jobs,
            PublicAddress address,
            Access access,
            Clock clock,
            Executor blocking) {
        this.catalog = catalog;
        this.jobs = jobs;
        this.address = address;
        this.access = access;
        this.clock = clock;
        this.blocking = blocking;
    }

    /** Adds the API to the admin port's router. */
    public void register(Router router) {
        router.route(PATHS).handler(access.checkRole(this::fail));
        router.route(PATHS).handler(BodyHandler.create(false).setBodyLimit(MOST_BODY_BYTES));
        router.route(PATHS).handler(this::answer);
        router.route(PATHS).failureHandler(this::failed);
        new GrpcRoutes(access, this::api, blocking).register(router);
    }

    private void answer(RoutingContext c) {
        RestCalls.Request request = request(c);
        Caller caller = Access.caller(c);
        Replies.reply(
                c,
                () -> begun(request, caller),
                json -> send(c, 200, json),
                failure -> fail(c, failure));
    }

    private CompletionStage<String> begun(RestCalls.Request request, Caller caller) {
        return CompletableFuture.supplyAsync(() -> scoped(request, caller), blocking)
                .thenCompose(Function.identity())
                .thenComposeAsync(who -> new RestCalls(api().as(who)).answer(request), blocking)
                .thenApplyAsync(RestCalls::print, blocking);
    }

    /** The caller, for the project in the path. */
    private CompletionStage<Caller> scoped(RestCalls.Request request, Caller caller) {
        return LocationName.project(request.path().substring(PATHS.length() - 1))
                .map(project -> access.scopes().alias(caller, project))
                .orElseGet(() -> CompletableFuture.completedFuture(caller));
    }

    private RunApi api() {
        synchronized (lock) {
            RunApi there = api;
            if (there == null) {
                there = RunApi.of(catalog, jobs, address, clock);
                api = there;
            }
            return there;
        }
    }

    private static RestCalls.Request request(RoutingContext c) {
        Map<String, String> query = new HashMap<>();
        c.queryParams().forEach(query::putIfAbsent);
        String method = c.request().method().name();
        String instead = c.request().getHeader(METHOD_OVERRIDE);
        boolean isPatch =
                c.request().method().equals(HttpMethod.POST)
                        && HttpMethod.PATCH.name().equals(instead);
        return new RestCalls.Request(
                isPatch ? HttpMethod.PATCH.name() : method,
                c.normalizedPath().replace("%3A", ":"), // some clients encode a verb's colon
                query,
                c.body().buffer() == null ? "" : c.body().asString());
    }

    private void fail(RoutingContext c, HearthException e) {
        if (e.kind() == ErrorKind.INTERNAL) {
            LOG.errorf(e, "%s %s failed", c.request().method(), c.normalizedPath());
        }
        // the one thing of an error's answer that Google's client for Java shows
        c.response().setStatusMessage(phrase(e.sentence()));
        Context context = c.vertx().getOrCreateContext();
        CompletableFuture.supplyAsync(() -> error(e), blocking)
                .thenAccept(
                        json -> context.runOnContext(now -> send(c, Statuses.httpStatus(e), json)));
    }

    /** What may stand in a status line. */
    private static String phrase(String sentence) {
        String plain = sentence.replaceAll("[^\\x20-\\x7e]+", " ");
        return plain.substring(0, Math.min(plain.length(), LONGEST_PHRASE));
    }

    /** As all of Google's APIs have it over HTTP: the status' code is the HTTP one. */
    private static String error(HearthException e) {
        Status status = Statuses.of(e);
        String json = RestCalls.print(status.toBuilder().setCode(Statuses.httpStatus(e)).build());
        return "{\"error\":{\"status\":\"" + Statuses.code(e) + "\"," + json.substring(1) + "}";
    }

    private static void send(RoutingContext c, int statusCode, String json) {
        if (c.response().ended() || c.response().closed()) {
            return;
        }
        c.response()
                .setStatusCode(statusCode)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json; charset=UTF-8")
                .end(json + "\n");
    }

    private void failed(RoutingContext c) {
        Throwable cause = c.failure();
        if (cause != null) {
            fail(c, HearthException.from(cause));
        } else if (c.statusCode() == 413) {
            fail(c, HearthException.invalid("body-too-large", "the body is over 1 MiB"));
        } else {
            c.next();
        }
    }
}
