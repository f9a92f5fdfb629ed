package dev.hearth.gateway.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.StartTimings;
import dev.hearth.testing.ManualClock;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SpanTraceTest {
    private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
    private final ManualClock clock = new ManualClock();
    private final Tracing tracing =
            Tracing.exporting(
                    OpenTelemetrySdk.builder()
                            .setTracerProvider(
                                    SdkTracerProvider.builder()
                                            .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                                            .build())
                            .build(),
                    clock);

    @Test
    void coldRequest_allStepsBelowTheRequest() {
        String came = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        RequestTrace trace = tracing.begin("GET", "/", "hello.localhost", came, null);
        trace.waited(
                20_000_000,
                Optional.of(new StartTimings(clock.now().minusNanos(15_000_000), 1, 2, 3, 4, 5)));
        trace.upstreamBegan("i-aaaaaaaaaaaa");
        trace.upstreamAnswered(200);
        trace.ended(200);

        SpanData request = span("GET");
        assertThat(request.getTraceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(request.getParentSpanId()).isEqualTo("b7ad6b7169203331");
        assertThat(List.of("queue", "cold-start", "upstream"))
                .allSatisfy(
                        n -> assertThat(span(n).getParentSpanId()).isEqualTo(request.getSpanId()));
        assertThat(List.of("slot", "limits", "rootfs", "exec", "ready"))
                .allSatisfy(
                        n ->
                                assertThat(span(n).getParentSpanId())
                                        .isEqualTo(span("cold-start").getSpanId()));
        SpanData cold = span("cold-start");
        assertThat(cold.getEndEpochNanos() - cold.getStartEpochNanos()).isEqualTo(15);
        // the container continues below the request's span
        assertThat(trace.context().traceparent()).contains(request.getSpanId());
    }

    private SpanData span(String name) {
        return exporter.getFinishedSpanItems().stream()
                .filter(s -> s.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no span " + name));
    }
}
