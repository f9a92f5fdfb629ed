package dev.hearth.gateway.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import io.vertx.core.Context;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** How the admin API answers: with JSON, when the work is done, or with the failure's status. */
public final class Replies {
    private static final Logger LOG = Logger.getLogger(Replies.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private Replies() {}

    /** Answers with what a call gives; 204 when that is nothing. */
    static void reply(RoutingContext c, Supplier<? extends CompletionStage<?>> call) {
        reply(
                c,
                call,
                value -> {
                    if (value == null) {
                        c.response().setStatusCode(204).end();
                    } else {
                        answer(c, 200, value);
                    }
                },
                failure -> fail(c, failure));
    }

    /** Answers as one of the two does, on the request's event loop, when the call is done. */
    public static <T extends @Nullable Object> void reply(
            RoutingContext c,
            Supplier<? extends CompletionStage<? extends T>> call,
            Consumer<? super T> done,
            Consumer<HearthException> failed) {
        Context context = c.vertx().getOrCreateContext();
        CompletionStage<? extends T> result;
        try {
            result = call.get();
        } catch (RuntimeException e) {
            failed.accept(HearthException.from(e));
            return;
        }
        result.whenComplete(
                (value, failure) ->
                        context.runOnContext(
                                now -> {
                                    if (failure != null) {
                                        failed.accept(HearthException.from(failure));
                                    } else {
                                        done.accept(value);
                                    }
                                }));
    }

    static void fail(RoutingContext c, HearthException e) {
        if (e.kind() == ErrorKind.INTERNAL) {
            LOG.errorf(e, "%s %s failed", c.request().method(), c.normalizedPath());
        }
        answer(c, e.kind().httpStatus(), AdminApi.ErrorBody.of(e));
    }

    /** Answers in JSON, unless an answer has been sent or nobody is there. */
    public static void answer(RoutingContext c, int statusCode, Object body) {
        if (c.response().ended() || c.response().closed()) {
            return;
        }
        try {
            c.response()
                    .setStatusCode(statusCode)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .end(JSON.writeValueAsString(body) + "\n");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("records of strings always become JSON", e);
        }
    }
}
