package dev.hearth.gateway.trace;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.StartTimings;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A trace told as OpenTelemetry spans: the request, and below it {@code queue}, {@code cold-start}
 * (with {@code slot}, {@code limits}, {@code rootfs}, {@code exec}, {@code ready}) and {@code
 * upstream}. Attribute names are those of the HTTP semantic conventions 1.x.
 */
final class SpanTrace implements RequestTrace {
    private static final AttributeKey<String> METHOD =
            AttributeKey.stringKey("http.request.method");
    private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");
    private static final AttributeKey<String> HOST = AttributeKey.stringKey("server.address");
    private static final AttributeKey<Long> STATUS =
            AttributeKey.longKey("http.response.status_code");
    private static final AttributeKey<String> INSTANCE = AttributeKey.stringKey("faas.instance");

    private final Tracer tracer;
    private final Clock clock;
    private final Span request;
    private final Context below;
    private final TraceContext context;
    private @Nullable Span upstream;

    SpanTrace(
            Tracer tracer,
            Clock clock,
            String method,
            String path,
            String host,
            TraceContext came,
            boolean continues) {
        this.tracer = tracer;
        this.clock = clock;
        this.request =
                tracer.spanBuilder(method)
                        .setSpanKind(SpanKind.SERVER)
                        .setParent(continues ? parent(came) : Context.root())
                        .setAttribute(METHOD, method)
                        .setAttribute(PATH, path)
                        .setAttribute(HOST, host)
                        .startSpan();
        this.below = Context.root().with(request);
        SpanContext c = request.getSpanContext();
        this.context =
                new TraceContext(
                        "00-"
                                + c.getTraceId()
                                + "-"
                                + c.getSpanId()
                                + "-"
                                + c.getTraceFlags().asHex(),
                        came.tracestate());
    }

    private static Context parent(TraceContext came) {
        String p = came.traceparent();
        return Context.root()
                .with(
                        Span.wrap(
                                SpanContext.createFromRemoteParent(
                                        came.traceId(),
                                        p.substring(36, 52),
                                        TraceFlags.fromHex(p, 53),
                                        TraceState.getDefault())));
    }

    @Override
    public TraceContext context() {
        return context;
    }

    @Override
    public void waited(long waitedNanos, Optional<StartTimings> start) {
        Instant now = clock.now();
        span("queue", below, now.minusNanos(waitedNanos), now);
        start.ifPresent(this::coldStart);
    }

    private void coldStart(StartTimings t) {
        Instant end = t.begunAt().plusNanos(t.totalNanos());
        Span cold =
                tracer.spanBuilder("cold-start")
                        .setParent(below)
                        .setStartTimestamp(t.begunAt())
                        .startSpan();
        Context inCold = below.with(cold);
        Instant at = step("slot", inCold, t.begunAt(), t.slotNanos());
        at = step("limits", inCold, at, t.limitsNanos());
        at = step("rootfs", inCold, at, t.rootfsNanos());
        at = step("exec", inCold, at, t.execNanos());
        step("ready", inCold, at, t.readyNanos());
        cold.end(end);
    }

    private Instant step(String name, Context parent, Instant from, long nanos) {
        Instant to = from.plusNanos(nanos);
        span(name, parent, from, to);
        return to;
    }

    private void span(String name, Context parent, Instant from, Instant to) {
        tracer.spanBuilder(name).setParent(parent).setStartTimestamp(from).startSpan().end(to);
    }

    @Override
    public void upstreamBegan(String instance) {
        endUpstream();
        upstream =
                tracer.spanBuilder("upstream")
                        .setParent(below)
                        .setSpanKind(SpanKind.CLIENT)
                        .setAttribute(INSTANCE, instance)
                        .startSpan();
    }

    @Override
    public void upstreamAnswered(int status) {
        Span sent = upstream;
        if (sent != null) {
            sent.setAttribute(STATUS, (long) status);
        }
    }

    @Override
    public void ended(int status) {
        endUpstream();
        request.setAttribute(STATUS, (long) status);
        if (status >= 500) {
            request.setStatus(StatusCode.ERROR);
        }
        request.end();
    }

    private void endUpstream() {
        Span sent = upstream;
        upstream = null;
        if (sent != null) {
            sent.end();
        }
    }
}
