package dev.hearth.gateway.forward;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Months;
import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.limit.RateExceeded;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer that the platform gives itself. It carries {@code X-Hearth-Error} with the reason,
 * which no container's answer can, and says in its body who speaks.
 *
 * @param reason a machine's word for what is wrong
 * @param retryAfterSeconds when to come back; 0 for no advice
 */
record PlatformAnswer(
        int status, String reason, long retryAfterSeconds, String contentType, String body) {
    private static final ObjectMapper JSON = new ObjectMapper();

    private record Body(Problem error) {}

    private record Problem(
            String source, int status, String reason, String message, List<String> details) {}

    /**
     * An answer with a status.
     *
     * @param accept the request's Accept header, or null
     * @param source who is to blame: {@code platform} or {@code container}
     */
    static PlatformAnswer of(
            @Nullable String accept, int status, HearthException failure, String source) {
        return of(accept, status, status == 429 || status == 503 ? 1 : 0, failure, source);
    }

    /** An answer that a rate limit is reached. */
    static PlatformAnswer of(@Nullable String accept, RateExceeded why) {
        HearthException failure = why.toException();
        return of(
                accept, failure.kind().httpStatus(), why.retryAfterSeconds(), failure, "platform");
    }

    /**
     * An answer that a service's budget is spent; it may be called again when the next month
     * begins.
     */
    static PlatformAnswer spent(@Nullable String accept, ServiceName service, Instant now) {
        HearthException failure =
                new HearthException(
                        ErrorKind.EXHAUSTED,
                        "budget-spent",
                        "the budget of "
                                + service
                                + ", or of its project, for this month is spent; who owns it can raise it"
                                + " with `hearth budget`");
        long seconds = Duration.between(now, Months.nextBegin(now)).toSeconds() + 1;
        return of(accept, failure.kind().httpStatus(), seconds, failure, "platform");
    }

    private static PlatformAnswer of(
            @Nullable String accept,
            int status,
            long retryAfterSeconds,
            HearthException failure,
            String source) {
        if (wantsText(accept)) {
            StringBuilder text =
                    new StringBuilder(source).append(": ").append(failure.sentence()).append('\n');
            failure.details().forEach(line -> text.append("  ").append(line).append('\n'));
            return new PlatformAnswer(
                    status,
                    failure.reason(),
                    retryAfterSeconds,
                    "text/plain; charset=utf-8",
                    text.toString());
        }
        return new PlatformAnswer(
                status,
                failure.reason(),
                retryAfterSeconds,
                "application/json",
                json(
                        new Body(
                                new Problem(
                                        source,
                                        status,
                                        failure.reason(),
                                        failure.sentence(),
                                        failure.details()))));
    }

    /** Answers with the failure's own status. */
    static void send(HttpServerRequest request, HearthException failure) {
        send(request, failure.kind().httpStatus(), failure);
    }

    /** Answers with a status. */
    static void send(HttpServerRequest request, int status, HearthException failure) {
        of(request.getHeader(HttpHeaders.ACCEPT), status, failure, "platform").to(request);
    }

    /** Sends it, unless an answer has been sent or nobody is there. */
    void to(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(status).putHeader(HeaderRules.X_HEARTH_ERROR, reason);
        if (retryAfterSeconds > 0) {
            response.putHeader(HttpHeaders.RETRY_AFTER, "" + retryAfterSeconds);
        }
        response.putHeader(HttpHeaders.CONTENT_TYPE, contentType).end(body);
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
