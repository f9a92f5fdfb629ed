package dev.hearth.gateway.trace;

import dev.hearth.contracts.Clock;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Tracer;
import org.jspecify.annotations.Nullable;

/** Begins the trace of each request: a told one when an exporter is set up, else a silent one. */
public final class Tracing {
    private final @Nullable Tracer tracer;
    private final Clock clock;

    private Tracing(@Nullable Tracer tracer, Clock clock) {
        this.tracer = tracer;
        this.clock = clock;
    }

    /** Hands contexts on, exports nothing. */
    public static Tracing silent(Clock clock) {
        return new Tracing(null, clock);
    }

    /** Tells spans to OpenTelemetry. */
    public static Tracing exporting(OpenTelemetry telemetry, Clock clock) {
        return new Tracing(telemetry.getTracer("dev.hearth.gateway"), clock);
    }

    /** Whether spans are told to anybody, so that their names matter. */
    public boolean isTold() {
        return tracer != null;
    }

    /**
     * @param method and {@code path} name the span
     */
    public RequestTrace begin(
            String method,
            String path,
            String host,
            @Nullable String traceparent,
            @Nullable String tracestate) {
        TraceContext came = TraceContext.of(traceparent, tracestate);
        Tracer t = tracer;
        return t == null
                ? new RequestTrace.Silent(came)
                : new SpanTrace(
                        t, clock, method, path, host, came, TraceContext.isValid(traceparent));
    }
}
