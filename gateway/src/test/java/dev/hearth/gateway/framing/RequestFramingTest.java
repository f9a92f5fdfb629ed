package dev.hearth.gateway.framing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.gateway.framing.MalformedRequests.Row;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The state machine alone, without a connection. */
class RequestFramingTest {
    private static final String GOOD =
            "GET /first HTTP/1.1\r\nHost: a.b:80\r\nX: \t y \r\nEmpty:\r\n\r\n"
                    + "\r\nPOST /second HTTP/1.1\r\nContent-Length: 5\r\nhost: [::1]:8080\r\n\r\nGET /"
                    + "PUT http://a.b/third HTTP/1.1\r\nHOST: A.b\r\nTransfer-Encoding: Chunked\r\n\r\n"
                    + "5;ext=\"v\"\r\n\r\n\r\n0\r\nA\r\n0123456789\r\n00\r\nX-Sum: 1\r\n\r\n"
                    + "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X\r\n\r\n"
                    + "GET / HTTP/1.0\r\n\r\n";

    /** What is passed on, and then the reason, when octets come in pieces of the given sizes. */
    private static String verdict(byte[] octets, IntSupplier sizes) {
        RequestFraming framing = new RequestFraming(16 << 10, 32 << 10);
        ByteBuf held = Unpooled.buffer();
        StringBuilder passed = new StringBuilder();
        for (int at = 0; at < octets.length && framing.refusal().isEmpty(); ) {
            int size = Math.min(sizes.getAsInt(), octets.length - at);
            held = Unpooled.copiedBuffer(held, Unpooled.wrappedBuffer(octets, at, size));
            at += size;
            int safe = framing.examine(held);
            passed.append(held.readCharSequence(safe, StandardCharsets.ISO_8859_1));
        }
        return passed + "|" + framing.heads() + framing.refusal().map(Refusal::reason).orElse("");
    }

    private static String verdict(String octets) {
        byte[] all = octets.getBytes(StandardCharsets.ISO_8859_1);
        return verdict(all, () -> all.length);
    }

    static Stream<Row> table() {
        return Stream.of(MalformedRequests.heads(), MalformedRequests.bodies())
                .flatMap(List::stream);
    }

    @Test
    void goodRequests_passWhole() {
        assertThat(verdict(GOOD)).isEqualTo(GOOD + "|5");
    }

    @Test
    void moreOctetsThanAnIntCounts_onOneConnection_framedLikeTheFirst() {
        RequestFraming framing = new RequestFraming(16 << 10, 32 << 10);
        ByteBuf mebibyte = Unpooled.buffer(1 << 20).writerIndex(1 << 20);
        String head = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3221225472\r\n\r\n";
        for (int i = 1; i <= 3; i++) {
            ByteBuf octets = Unpooled.copiedBuffer(head, StandardCharsets.US_ASCII);
            assertThat(framing.next(octets)).isEqualTo(head.length());
            for (int j = 0; j < 3072; j++) {
                assertThat(framing.next(mebibyte)).isEqualTo(1 << 20);
            }
            assertThat(framing.heads()).isEqualTo(i);
        }
        assertThat(framing.refusal()).isEmpty();
    }

    @Test
    void goodRequests_anySplit_passWhole() {
        byte[] octets = GOOD.getBytes(StandardCharsets.ISO_8859_1);
        for (int first = 1; first < octets.length; first++) {
            int[] sizes = {first, octets.length};
            int[] at = {0};
            assertThat(verdict(octets, () -> sizes[at[0]++])).isEqualTo(GOOD + "|5");
        }
        assertThat(verdict(octets, () -> 1)).isEqualTo(GOOD + "|5");
    }

    @ParameterizedTest
    @MethodSource("table")
    void malformed_refusedWithItsReason(Row row) {
        assertThat(verdict(row.raw())).endsWith(row.reason());
    }

    @ParameterizedTest
    @MethodSource("table")
    void malformed_behindGoodOnes_onlyThosePass(Row row) {
        assertThat(verdict(GOOD + row.raw())).startsWith(GOOD).endsWith(row.reason());
    }

    @ParameterizedTest
    @MethodSource("table")
    void malformed_anySplit_sameVerdict(Row row) {
        Random random = new Random(row.name().hashCode());
        String whole = verdict(row.raw());
        for (int i = 0; i < 20; i++) {
            int most = 1 + random.nextInt(1 + row.raw().length() / 3);
            assertThat(verdict(row.octets(), () -> 1 + random.nextInt(most))).isEqualTo(whole);
        }
    }

    @Test
    void incomplete_nothingPasses_noVerdictYet() {
        assertThat(verdict("GET / HTTP/1.1\r\nHost: a\r\n")).isEqualTo("|0");
        assertThat(verdict("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab"))
                .endsWith("ab|1");
    }

    @Test
    void preface_atTheStart_isHttp2() {
        RequestFraming framing = new RequestFraming(16 << 10, 32 << 10);
        ByteBuf octets =
                Unpooled.copiedBuffer(
                        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0", StandardCharsets.ISO_8859_1);
        assertThat(framing.examine(octets)).isEqualTo(27);
        assertThat(framing.isHttp2()).isTrue();
        assertThat(framing.refusal()).isEqualTo(Optional.empty());
    }

    @Test
    void preface_laterOrBroken_refused() {
        String get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        assertThat(verdict(get + "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
                .isEqualTo(get + "|1unsupported-version");
        assertThat(verdict("PRI * HTTP/2.0\r\n\r\nSX\r\n\r\n")).isEqualTo("|0unsupported-version");
    }
}
