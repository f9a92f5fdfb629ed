package dev.hearth.gateway.forward;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.TrustedProxies;
import dev.hearth.gateway.trace.TraceContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Passes requests to the platform's own registry and its answers back, both streaming: layers of
 * any size at constant memory. On the event loop of the request.
 */
final class RegistryForward {
    private final HttpClient client;
    private final OwnAnswers own;
    private final TrustedProxies proxies;

    /**
     * @param own where the registry listens now, and who may use it
     */
    RegistryForward(HttpClient client, OwnAnswers own, TrustedProxies proxies) {
        this.client = client;
        this.proxies = proxies;
        this.own = own;
    }

    void handle(HttpServerRequest request, String host) {
        Optional<InetSocketAddress> address = own.registry().get();
        if (address.isEmpty()) {
            fail(request, "it is not running");
            return;
        }
        request.pause(); // until there is somewhere for its body to go
        if (own.registryPass().isEmpty()) {
            connect(
                    request,
                    address.get(),
                    host,
                    new RegistryPass.Pass(Optional.empty(), request.uri()));
            return;
        }
        Future.fromCompletionStage(own.registryPass().get().pass(request), Vertx.currentContext())
                .onSuccess(pass -> connect(request, address.get(), host, pass))
                .onFailure(failure -> deny(request, HearthException.from(failure)));
    }

    private void connect(
            HttpServerRequest request,
            InetSocketAddress address,
            String host,
            RegistryPass.Pass pass) {
        client.request(
                        new RequestOptions()
                                .setHost(address.getAddress().getHostAddress())
                                .setPort(address.getPort())
                                .setMethod(request.method())
                                .setURI(pass.uri()))
                .onFailure(failure -> fail(request, failure.toString()))
                .onSuccess(upstream -> send(request, upstream, host, pass.authorization()));
    }

    /** As the registry's protocol words it, so that docker and podman show it. */
    private static void deny(HttpServerRequest request, HearthException why) {
        request.resume();
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        JsonObject error = new JsonObject().put("code", "DENIED").put("message", why.sentence());
        response.setStatusCode(why.kind().httpStatus())
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(new JsonObject().put("errors", new JsonArray().add(error)).encode());
    }

    private void send(
            HttpServerRequest request,
            HttpClientRequest upstream,
            String host,
            Optional<String> authorization) {
        HeaderRules.toContainer(
                request,
                upstream.headers(),
                host,
                HeaderRules.origin(request, host, proxies, Optional.empty()),
                TraceContext.of(request.getHeader("traceparent"), null));
        authorization.ifPresent(shown -> upstream.putHeader(HttpHeaders.AUTHORIZATION, shown));
        // A connection for each call: the registry may close a kept one at any moment, and most
        // calls of a push cannot be repeated by anybody but their client.
        upstream.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        HttpServerResponse response = request.response();
        if (response.closed()) { // the client left while there was no connection yet
            upstream.reset();
            return;
        }
        response.closeHandler(gone -> upstream.reset());
        request.exceptionHandler(broken -> upstream.reset());
        upstream.response()
                .onFailure(failure -> fail(request, failure.toString()))
                .onSuccess(answer -> respond(request, answer, response));
        if (!RequestBody.isIn(request)) {
            request.resume();
            upstream.end();
            return;
        }
        if (request.getHeader(HttpHeaders.CONTENT_LENGTH) == null) {
            upstream.setChunked(true);
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            response.writeContinue();
        }
        upstream.sendHead(); // so that the registry may refuse before there is a body
        // A body that breaks off must not be ended as if it was whole; that the registry did not
        // take it is told by its answer, or by the answer's failure.
        request.pipe().endOnFailure(false).to(upstream).onFailure(broken -> request.resume());
    }

    private static void respond(
            HttpServerRequest request, HttpClientResponse answer, HttpServerResponse response) {
        response.setStatusCode(answer.statusCode());
        HeaderRules.toClient(answer.headers(), response.headers());
        if (request.method() == HttpMethod.HEAD || answer.statusCode() == 204) {
            response.end();
            answer.resume();
            return;
        }
        if (answer.getHeader(HttpHeaders.CONTENT_LENGTH) == null) {
            response.setChunked(true);
        }
        answer.pipe().endOnFailure(false).to(response).onFailure(broken -> response.reset());
    }

    private static void fail(HttpServerRequest request, String why) {
        request.resume(); // what is left of its body is passed over
        if (request.response().headWritten()) {
            request.response().reset();
            return;
        }
        PlatformAnswer.send(
                request,
                new HearthException(
                        ErrorKind.UNAVAILABLE,
                        "registry-unavailable",
                        "the platform's registry does not answer ("
                                + why
                                + "); try again in a moment"));
    }
}
