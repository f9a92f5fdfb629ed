package dev.hearth.bench.trace;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads the spans out of an OTLP export request (opentelemetry.io, {@code trace_service.proto} and
 * {@code trace.proto} 1.x). Only the handful of fields that a breakdown needs, so no generated
 * classes.
 */
final class SpanReader {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final List<Span> spans = new ArrayList<>();

    private SpanReader() {}

    static List<Span> read(byte[] request) {
        SpanReader reader = new SpanReader();
        // ExportTraceServiceRequest.resource_spans, ResourceSpans.scope_spans, ScopeSpans.spans
        messages(request, 1)
                .forEach(
                        resource ->
                                messages(resource, 2)
                                        .forEach(
                                                scope -> messages(scope, 2).forEach(reader::span)));
        return reader.spans;
    }

    private void span(byte[] bytes) {
        ByteBuffer in = buffer(bytes);
        byte[] trace = {};
        byte[] id = {};
        byte[] parent = {};
        String name = "";
        long begin = 0;
        long end = 0;
        while (in.hasRemaining()) {
            long key = varint(in);
            switch ((int) (key >>> 3)) {
                case 1 -> trace = bytes(in);
                case 2 -> id = bytes(in);
                case 4 -> parent = bytes(in);
                case 5 -> name = new String(bytes(in), StandardCharsets.UTF_8);
                case 7 -> begin = in.getLong();
                case 8 -> end = in.getLong();
                default -> skip(in, (int) (key & 7));
            }
        }
        HexFormat hex = HexFormat.of();
        spans.add(
                new Span(
                        hex.formatHex(trace),
                        hex.formatHex(id),
                        hex.formatHex(parent),
                        name,
                        begin,
                        end - begin));
    }

    /** The embedded messages in one field. */
    private static List<byte[]> messages(byte[] message, int field) {
        List<byte[]> found = new ArrayList<>();
        ByteBuffer in = buffer(message);
        while (in.hasRemaining()) {
            long key = varint(in);
            if (key >>> 3 == field && (key & 7) == BYTES) {
                found.add(bytes(in));
            } else {
                skip(in, (int) (key & 7));
            }
        }
        return found;
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] bytes(ByteBuffer in) {
        byte[] bytes = new byte[(int) varint(in)];
        in.get(bytes);
        return bytes;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte b = in.get();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                break;
            }
        }
        return value;
    }

    private static void skip(ByteBuffer in, int wire) {
        switch (wire) {
            case VARINT -> varint(in);
            case FIXED64 -> in.getLong();
            case FIXED32 -> in.getInt();
            case BYTES -> bytes(in);
            default -> throw new IllegalArgumentException("wire type " + wire);
        }
    }
}
