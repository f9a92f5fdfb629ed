package dev.hearth.bench.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Spans as an exporter sends them, written by hand after OTLP's {@code trace.proto}. */
class BreakdownTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

    @Test
    void of_oneColdStart_termsInOrderAndTheRestUnaccounted() throws Exception {
        try (OtlpReceiver receiver = new OtlpReceiver()) {
            export(
                    receiver,
                    span("01", "00", "GET", 0, 5_000_000),
                    span("02", "01", "queue", 0, 3_000_000),
                    span("03", "01", "cold-start", 500_000, 2_900_000),
                    span("05", "03", "ready", 1_500_000, 2_900_000),
                    span("04", "03", "exec", 500_000, 1_500_000),
                    span("06", "01", "upstream", 3_000_000, 4_500_000));
            Map<String, Long> client = Map.of(TRACE, 6_000_000L);
            assertThat(Breakdown.isComplete(receiver, client)).isTrue();
            Breakdown breakdown = Breakdown.of(receiver, client);
            assertThat(breakdown.terms().stream().map(t -> t.name() + "=" + t.millis(50)))
                    .containsExactly(
                            "hand-over=0.6",
                            "exec=1.0",
                            "listen=1.4",
                            "first byte=1.5",
                            "unaccounted=1.5");
        }
    }

    @Test
    void of_warmOrUnknownTrace_isLeftOut() throws Exception {
        try (OtlpReceiver receiver = new OtlpReceiver()) {
            export(receiver, span("06", "01", "upstream", 0, 1));
            assertThat(Breakdown.of(receiver, Map.of(TRACE, 1L, "ff", 1L)).terms()).isEmpty();
            assertThat(Breakdown.isComplete(receiver, Map.of("ff", 1L))).isFalse();
        }
    }

    private static void export(OtlpReceiver receiver, byte[]... spans) throws Exception {
        ByteArrayOutputStream scope = new ByteArrayOutputStream();
        for (byte[] span : spans) {
            scope.write(field(2, span));
        }
        byte[] body = field(1, field(2, scope.toByteArray()));
        try (HttpClient http = HttpClient.newHttpClient()) {
            http.send(
                    HttpRequest.newBuilder(URI.create(receiver.url() + "/v1/traces"))
                            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
        }
    }

    private static byte[] span(String id, String parent, String name, long begin, long end) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(field(1, HexFormat.of().parseHex(TRACE)));
        out.writeBytes(field(2, HexFormat.of().parseHex("00000000000000" + id)));
        out.writeBytes(field(4, HexFormat.of().parseHex("00000000000000" + parent)));
        out.writeBytes(field(5, name.getBytes(StandardCharsets.UTF_8)));
        out.writeBytes(new byte[] {6 << 3, 2}); // kind, a number the reader passes over
        out.writeBytes(fixed64(7, begin));
        out.writeBytes(fixed64(8, end));
        return out.toByteArray();
    }

    private static byte[] field(int number, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(number << 3 | 2);
        int length = content.length;
        while (length > 0x7f) {
            out.write(length & 0x7f | 0x80);
            length >>>= 7;
        }
        out.write(length);
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] fixed64(int number, long value) {
        return ByteBuffer.allocate(9)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) (number << 3 | 1))
                .putLong(value)
                .array();
    }
}
