package dev.hearth.gateway.framing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reader of containers' responses alone, without a connection. */
class ResponseFramingTest {
    private static final String CHUNKS =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "5;ext\r\n12345\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n";

    /** Each thing that {@code next} ended at or passed, and what was found; {@code !} malformed. */
    private static String read(byte[] octets, boolean toHead, IntSupplier sizes) {
        ResponseFraming framing = new ResponseFraming(32 << 10);
        framing.expect(toHead);
        ByteBuf held = Unpooled.buffer();
        StringBuilder seen = new StringBuilder();
        for (int at = 0; at < octets.length && framing.refusal().isEmpty(); ) {
            int size = Math.min(sizes.getAsInt(), octets.length - at);
            held = Unpooled.copiedBuffer(held, Unpooled.wrappedBuffer(octets, at, size));
            at += size;
            boolean going = true;
            while (going) {
                long heads = framing.heads();
                boolean inBody = framing.isInBody();
                int length = framing.next(held);
                if (framing.heads() > heads) {
                    seen.append('[').append(framing.status()).append(' ').append(framing.body());
                    seen.append(framing.keepsConnection() ? "" : " close").append(']');
                } else {
                    seen.append(held.toString(held.readerIndex(), length, StandardCharsets.UTF_8));
                }
                held.skipBytes(length);
                if (inBody && !framing.isInBody()) {
                    seen.append("[end ").append(framing.fields().count()).append(']');
                }
                going = length > 0 && held.isReadable() && framing.refusal().isEmpty();
            }
        }
        return seen + (framing.refusal().isPresent() ? "!" : "");
    }

    private static String read(String octets, boolean toHead) {
        byte[] all = octets.getBytes(StandardCharsets.ISO_8859_1);
        return read(all, toHead, () -> all.length);
    }

    private static String read(String octets) {
        return read(octets, false);
    }

    @Test
    void withLength() {
        assertThat(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"))
                .isEqualTo("[200 LENGTH]hi[end 1]");
    }

    @Test
    void withoutReason_bareLf_areForgiven() {
        assertThat(read("HTTP/1.1 404\nContent-Length: 2\n\nhi"))
                .isEqualTo("[404 LENGTH]hi[end 1]");
    }

    @Test
    void inChunks_withTrailers() {
        assertThat(read(CHUNKS))
                .isEqualTo(
                        "[200 CHUNKED]5;ext\r\n12345\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n[end 1]");
    }

    @Test
    void anySplit_passesTheSame() {
        byte[] octets = CHUNKS.getBytes(StandardCharsets.ISO_8859_1);
        Random random = new Random(7);
        for (int i = 0; i < 500; i++) {
            assertThat(read(octets, false, () -> 1 + random.nextInt(9))).isEqualTo(read(CHUNKS));
        }
    }

    @Test
    void moreOctetsThanAnIntCounts_onOneConnection_framedLikeTheFirst() {
        ResponseFraming framing = new ResponseFraming(32 << 10);
        ByteBuf mebibyte = Unpooled.buffer(1 << 20).writerIndex(1 << 20);
        String head = "HTTP/1.1 200 OK\r\nContent-Length: 3221225472\r\n\r\n";
        for (int i = 1; i <= 3; i++) {
            ByteBuf octets = Unpooled.copiedBuffer(head, StandardCharsets.US_ASCII);
            assertThat(framing.next(octets)).isEqualTo(head.length());
            assertThat(framing.headLength()).isEqualTo(head.length());
            for (int j = 0; j < 3072; j++) {
                assertThat(framing.isInBody()).isTrue();
                assertThat(framing.next(mebibyte)).isEqualTo(1 << 20);
            }
            assertThat(framing.isInBody()).isFalse();
            assertThat(framing.heads()).isEqualTo(i);
        }
        assertThat(framing.refusal()).isEmpty();
    }

    @Test
    void withoutLength_untilItCloses() {
        assertThat(read("HTTP/1.1 200 OK\r\n\r\nwhatever\r\n"))
                .isEqualTo("[200 UNTIL_CLOSE close]whatever\r\n");
    }

    @Test
    void interim_thenTheRealOne() {
        assertThat(read("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No\r\n\r\n"))
                .isEqualTo("[103 NONE][204 NONE]");
    }

    @Test
    void toHead_noBodyWhateverTheFieldsSay() {
        assertThat(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true))
                .isEqualTo("[200 NONE]");
        assertThat(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true))
                .isEqualTo("[200 NONE]");
    }

    @Test
    void closing() {
        assertThat(read("HTTP/1.1 304 N\r\nConnection: close\r\n\r\n"))
                .isEqualTo("[304 NONE close]");
        assertThat(read("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"))
                .isEqualTo("[200 NONE close]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/2 200 OK\r\n\r\n",
                "HTTP/1.1  200 OK\r\n\r\n",
                "HTTP/1.1 20 OK\r\n\r\n",
                "HTTP/1.1 2000 OK\r\n\r\n",
                "HTTP/1.1 099 OK\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\n\r\n",
                "SSH-2.0-OpenSSH_9.9\r\n",
                "HTTP/1.1 200 O\0K\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
                "HTTP/1.1 200 OK\r\n folded: a\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            })
    void malformedHeads(String octets) {
        assertThat(read(octets)).isEqualTo("!");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x\r\n",
                "-1\r\n",
                " 1\r\n",
                "100000000\r\n",
                "1\r\nab\r\n",
                "1\r\naX\n",
                "1 \r\na\r\n"
            })
    void malformedChunks(String octets) {
        assertThat(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + octets))
                .startsWith("[200 CHUNKED]")
                .endsWith("!");
    }
}
