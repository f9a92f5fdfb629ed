package dev.hearth.gateway.cloudrun;

import com.google.protobuf.Message;
import com.google.rpc.Code;
import com.google.rpc.Status;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.gateway.access.Access;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.GrpcServerResponse;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The API over gRPC, on the same port: HTTP/2 without TLS. Messages go by as bytes, so that no
 * event loop parses them.
 */
final class GrpcRoutes {
    private static final Logger LOG = Logger.getLogger(GrpcRoutes.class);
    private static final long MOST_MESSAGE_BYTES = 1 << 20;
    private static final long MESSAGE_SECONDS = 30;

    /** The whole google.rpc.Status, as gRPC's libraries look for it. */
    private static final String DETAILS = "grpc-status-details-bin";

    private final Access access;
    private final Supplier<RunApi> api;
    private final Executor blocking;

    /**
     * @param api made at the first call
     */
    GrpcRoutes(Access access, Supplier<RunApi> api, Executor blocking) {
        this.access = access;
        this.api = api;
        this.blocking = blocking;
    }

    void register(Router router) {
        // by their constants: nothing of Google's types is to be loaded here
        for (String service :
                new String[] {
                    GrpcCalls.SERVICES,
                    GrpcCalls.REVISIONS,
                    GrpcCalls.JOBS,
                    GrpcCalls.EXECUTIONS,
                    GrpcCalls.TASKS,
                    GrpcCalls.OPERATIONS
                }) {
            String methods = "/" + service + "/*";
            router.route(methods).handler(access.checkRole(this::refuse));
            router.route(methods).handler(this::handle);
        }
    }

    private void handle(RoutingContext c) {
        Caller caller = Access.caller(c);
        serve(c, request -> called(request, caller));
    }

    private void refuse(RoutingContext c, HearthException why) {
        serve(c, request -> answer(request, CompletableFuture.failedFuture(why)));
    }

    /** By a server that is no more than the two things it is told, and that one call's. */
    private static void serve(
            RoutingContext c, Handler<GrpcServerRequest<Buffer, Buffer>> handler) {
        GrpcServerOptions options = new GrpcServerOptions().setMaxMessageSize(MOST_MESSAGE_BYTES);
        GrpcServer.server(c.vertx(), options).callHandler(handler).handle(c.request());
    }

    private void called(GrpcServerRequest<Buffer, Buffer> request, Caller caller) {
        request.last()
                .timeout(MESSAGE_SECONDS, TimeUnit.SECONDS)
                .onSuccess(message -> answer(request, answered(request, message, caller)))
                .onFailure(
                        gone -> answer(request, CompletableFuture.failedFuture(notSent(request))));
    }

    private static HearthException notSent(GrpcServerRequest<Buffer, Buffer> request) {
        return new HearthException(
                ErrorKind.DEADLINE,
                "message-not-sent",
                "the message of "
                        + request.fullMethodName()
                        + " did not come whole within "
                        + MESSAGE_SECONDS
                        + " s");
    }

    private CompletionStage<byte[]> answered(
            GrpcServerRequest<Buffer, Buffer> request, @Nullable Buffer message, Caller caller) {
        byte[] bytes = message == null ? new byte[0] : message.getBytes();
        return CompletableFuture.supplyAsync(
                        () -> call(request.fullMethodName(), bytes, caller), blocking)
                .thenCompose(Function.identity())
                .thenApplyAsync(Message::toByteArray, blocking);
    }

    /** For the project that the message names. */
    private CompletionStage<Message> call(String method, byte[] message, Caller caller) {
        Optional<String> project = new GrpcCalls(api.get()).project(method, message);
        CompletionStage<Caller> scoped =
                project.isEmpty()
                        ? CompletableFuture.completedFuture(caller)
                        : access.scopes().alias(caller, project.get());
        return scoped.thenComposeAsync(who -> callAs(who, method, message), blocking);
    }

    private CompletionStage<Message> callAs(Caller caller, String method, byte[] message) {
        return new GrpcCalls(api.get().as(caller))
                .method(method)
                .orElseThrow(
                        () ->
                                new HearthException(
                                        ErrorKind.NOT_FOUND,
                                        Statuses.NO_SUCH_CALL,
                                        method + " is not among the calls that are there"))
                .apply(message)
                .thenApply(Function.identity());
    }

    private void answer(
            GrpcServerRequest<Buffer, Buffer> request, CompletionStage<byte[]> outcome) {
        Context context = Vertx.currentContext();
        outcome.<Answer>thenApply(bytes -> response -> response.end(Buffer.buffer(bytes)))
                .exceptionallyAsync(failure -> refused(request, failure), blocking)
                .thenAccept(answer -> context.runOnContext(now -> answer.tell(request.response())));
    }

    private static Answer refused(GrpcServerRequest<Buffer, Buffer> request, Throwable failure) {
        HearthException why = HearthException.from(failure);
        if (why.kind() == ErrorKind.INTERNAL) {
            LOG.errorf(why, "%s failed", request.fullMethodName());
        }
        Status status = Statuses.of(why);
        if (why.reason().equals(Statuses.NO_SUCH_CALL)) {
            status = status.toBuilder().setCode(Code.UNIMPLEMENTED.getNumber()).build();
        }
        return new Refusal(
                status.getCode(),
                status.getMessage(),
                Base64.getEncoder().withoutPadding().encodeToString(status.toByteArray()));
    }

    /** Made where Google's types may be loaded, and told on the call's event loop. */
    private interface Answer {
        void tell(GrpcServerResponse<Buffer, Buffer> response);
    }

    /** Why there is none. */
    private record Refusal(int code, String message, String details) implements Answer {
        @Override
        public void tell(GrpcServerResponse<Buffer, Buffer> response) {
            GrpcStatus status = GrpcStatus.valueOf(code);
            response.status(status == null ? GrpcStatus.UNKNOWN : status).statusMessage(message);
            response.trailers().set(DETAILS, details);
            response.end();
        }
    }
}
