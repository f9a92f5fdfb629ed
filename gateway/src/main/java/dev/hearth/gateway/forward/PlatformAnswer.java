package dev.hearth.gateway.forward;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.HearthException;
import dev.hearth.gateway.limit.RateExceeded;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer that the platform gives itself. It carries {@code X-Hearth-Error} with the reason,
 * which no container's answer can, and says in its body who speaks.
 */
final class PlatformAnswer {
    private static final ObjectMapper JSON = new ObjectMapper();

    private record Body(Problem error) {}

    private record Problem(
            String source, int status, String reason, String message, List<String> details) {}

    private PlatformAnswer() {}

    /** Answers with the failure's own status. */
    static void send(HttpServerRequest request, HearthException failure) {
        send(request, failure.kind().httpStatus(), failure, "platform");
    }

    /** Answers that a rate limit is reached. */
    static void send(HttpServerRequest request, RateExceeded why) {
        request.response().putHeader(HttpHeaders.RETRY_AFTER, "" + why.retryAfterSeconds());
        send(request, why.toException());
    }

    /**
     * Answers with a status.
     *
     * @param source who is to blame: {@code platform} or {@code container}
     */
    static void send(
            HttpServerRequest request, int status, HearthException failure, String source) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(status);
        response.putHeader(HeaderRules.X_HEARTH_ERROR, failure.reason());
        if ((status == 429 || status == 503)
                && !response.headers().contains(HttpHeaders.RETRY_AFTER)) {
            response.putHeader(HttpHeaders.RETRY_AFTER, "1");
        }
        if (wantsText(request.getHeader(HttpHeaders.ACCEPT))) {
            StringBuilder text =
                    new StringBuilder(source).append(": ").append(failure.sentence()).append('\n');
            failure.details().forEach(line -> text.append("  ").append(line).append('\n'));
            response.putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8");
            response.end(text.toString());
            return;
        }
        response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
        response.end(
                json(
                        new Body(
                                new Problem(
                                        source,
                                        status,
                                        failure.reason(),
                                        failure.sentence(),
                                        failure.details()))));
    }

    /** Browsers and whoever asks for text get text; everybody else gets JSON. */
    private static boolean wantsText(@Nullable String accept) {
        return accept != null && accept.contains("text/") && !accept.contains("json");
    }

    private static String json(Body body) {
        try {
            return JSON.writeValueAsString(body) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("strings always become JSON", e);
        }
    }
}
