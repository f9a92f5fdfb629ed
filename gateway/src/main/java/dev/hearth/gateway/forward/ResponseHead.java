package dev.hearth.gateway.forward;

import dev.hearth.gateway.framing.FieldLines;
import dev.hearth.gateway.framing.FieldNames;
import dev.hearth.gateway.framing.ResponseFraming;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes the heads of responses in HTTP/1.1: a container's, by {@link HeaderRules}, and ours. */
final class ResponseHead {
    private static final FieldNames<Boolean> PASSES_HEAD = passing(Stream.of("x-hearth-error"));
    private static final FieldNames<Boolean> PASSES_TRAILERS =
            passing(Stream.of("x-hearth-error", "content-length"));

    private static final byte[] HTTP = ascii("HTTP/1.1 ");
    private static final byte[] END_OF_LINE = ascii("\r\n");
    private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");
    private static final byte[] CLOSE = ascii("Connection: close\r\n");
    private static final byte[] SERVER_TIMING = ascii("Server-Timing: ");
    private static final byte[] LAST_CHUNK = ascii("0\r\n");

    private ResponseHead() {}

    private static FieldNames<Boolean> passing(Stream<String> notPassing) {
        return new FieldNames<>(
                Stream.concat(HeaderRules.HOP_BY_HOP.stream(), notPassing)
                        .collect(Collectors.toMap(name -> name, name -> false)),
                true);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Writes the head of a container's response, which begins at the buffer's reader index.
     *
     * @param receipt a value for Server-Timing, or null
     * @param closes whether the client's connection ends with the response
     */
    static void write(
            ResponseFraming framing,
            ByteBuf in,
            @Nullable String receipt,
            boolean closes,
            ByteBuf out) {
        int start = in.readerIndex();
        int status = framing.statusStart();
        out.writeBytes(HTTP).writeBytes(in, start + status, framing.reasonEnd() - status);
        if (framing.reasonEnd() == status + 3) {
            out.writeByte(' '); // it must be there also before no reason (RFC 9112, 4)
        }
        out.writeBytes(END_OF_LINE);
        fields(framing.fields(), in, PASSES_HEAD, named(framing, in), out);
        if (framing.body() == ResponseFraming.Body.CHUNKED
                || framing.body() == ResponseFraming.Body.UNTIL_CLOSE) {
            out.writeBytes(CHUNKED);
        }
        if (receipt != null) {
            out.writeBytes(SERVER_TIMING);
            out.writeCharSequence(receipt, StandardCharsets.US_ASCII);
            out.writeBytes(END_OF_LINE);
        }
        end(closes, out);
    }

    /**
     * Writes the last chunk of a container's response.
     *
     * @param trailers that follow it, in octets from the buffer's reader index
     */
    static void lastChunk(FieldLines trailers, ByteBuf in, ByteBuf out) {
        out.writeBytes(LAST_CHUNK);
        fields(trailers, in, PASSES_TRAILERS, Set.of(), out);
        out.writeBytes(END_OF_LINE);
    }

    /** Writes the last chunk of a response that came without chunks. */
    static void lastChunk(ByteBuf out) {
        out.writeBytes(LAST_CHUNK).writeBytes(END_OF_LINE);
    }

    private static void fields(
            FieldLines fields,
            ByteBuf in,
            FieldNames<Boolean> passing,
            Set<String> named,
            ByteBuf out) {
        int start = in.readerIndex();
        for (int i = 0; i < fields.count(); i++) {
            int from = start + fields.start(i);
            int colon = start + fields.nameEnd(i);
            if (passing.meaning(in, from, colon)
                    && (named.isEmpty() || !named.contains(lowerCase(in, from, colon)))) {
                out.writeBytes(in, from, start + fields.end(i) - from).writeBytes(END_OF_LINE);
            }
        }
    }

    /** Fields that the container named in Connection. */
    private static Set<String> named(ResponseFraming framing, ByteBuf in) {
        if (!framing.namesFields()) {
            return Set.of();
        }
        int start = in.readerIndex();
        Set<String> named = new HashSet<>();
        FieldLines fields = framing.fields();
        for (int i = 0; i < fields.count(); i++) {
            if (lowerCase(in, start + fields.start(i), start + fields.nameEnd(i))
                    .equals("connection")) {
                String value = lowerCase(in, start + fields.valueStart(i), start + fields.end(i));
                for (String name : value.split(",")) {
                    named.add(name.strip());
                }
            }
        }
        return named;
    }

    private static String lowerCase(ByteBuf in, int from, int to) {
        return in.toString(from, to - from, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
    }

    /**
     * Writes an answer of the platform's own, with its body.
     *
     * @param toHead whether the request's method is HEAD, so that the body is left out
     */
    static void write(PlatformAnswer answer, boolean toHead, boolean closes, ByteBuf out) {
        String head =
                "HTTP/1.1 "
                        + HttpResponseStatus.valueOf(answer.status())
                        + "\r\nX-Hearth-Error: "
                        + answer.reason()
                        + (answer.retryAfterSeconds() > 0
                                ? "\r\nRetry-After: " + answer.retryAfterSeconds()
                                : "")
                        + "\r\nContent-Type: "
                        + answer.contentType()
                        + "\r\nContent-Length: "
                        + ByteBufUtil.utf8Bytes(answer.body())
                        + "\r\n";
        out.writeCharSequence(head, StandardCharsets.US_ASCII);
        end(closes, out);
        if (!toHead) {
            out.writeCharSequence(answer.body(), StandardCharsets.UTF_8);
        }
    }

    private static void end(boolean closes, ByteBuf out) {
        if (closes) {
            out.writeBytes(CLOSE);
        }
        out.writeBytes(END_OF_LINE);
    }
}
