package dev.hearth.imagecache.sbom;

import dev.hearth.imagecache.rootfs.BadFileException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * A package's header in an rpm database: big-endian, two counts, an index of 16 bytes an entry
 * (tag, type, offset, count), then the data that the offsets point into. See <a
 * href="https://rpm-software-management.github.io/rpm/manual/format_header.html">rpm's manual</a>.
 */
final class RpmHeader {
    static final int NAME = 1000;
    static final int VERSION = 1001;
    static final int RELEASE = 1002;
    static final int EPOCH = 1003;
    static final int LICENSE = 1014;
    static final int ARCH = 1022;
    static final int SOURCE_RPM = 1044;

    private static final Set<Integer> WANTED =
            Set.of(NAME, VERSION, RELEASE, EPOCH, LICENSE, ARCH, SOURCE_RPM);

    private static final int INT32 = 4;
    private static final int STRING = 6;
    private static final int MOST_ENTRIES = 0xffff; // rpm's own limit
    private static final int ENTRY_BYTES = 16;

    private final Map<Integer, String> values = new HashMap<>();

    private RpmHeader() {}

    static RpmHeader parse(byte[] blob) throws BadFileException {
        ByteBuffer in = ByteBuffer.wrap(blob);
        if (blob.length < 8) {
            throw damaged();
        }
        int entries = in.getInt();
        int dataBytes = in.getInt();
        long dataStart = 8L + (long) ENTRY_BYTES * entries;
        if (entries < 1
                || entries > MOST_ENTRIES
                || dataBytes < 0
                || dataStart + dataBytes > blob.length) {
            throw damaged();
        }
        ByteBuffer data = in.slice((int) dataStart, dataBytes);
        RpmHeader header = new RpmHeader();
        for (int i = 0; i < entries; i++) {
            int tag = in.getInt();
            int type = in.getInt();
            int offset = in.getInt();
            int count = in.getInt();
            if (WANTED.contains(tag)) {
                header.values.put(tag, value(data, type, offset, count));
            }
        }
        return header;
    }

    /** Empty when the header does not have it. */
    String text(int tag) {
        return values.getOrDefault(tag, "");
    }

    private static String value(ByteBuffer data, int type, int offset, int count)
            throws BadFileException {
        if (offset < 0 || offset >= data.limit() || count < 1) {
            throw damaged();
        }
        return switch (type) {
            case INT32 -> {
                if (offset + 4L > data.limit()) {
                    throw damaged();
                }
                yield Integer.toUnsignedString(data.getInt(offset));
            }
            case STRING -> string(data, offset);
            default -> throw damaged();
        };
    }

    private static String string(ByteBuffer data, int offset) throws BadFileException {
        int end = offset;
        while (end < data.limit() && data.get(end) != 0) {
            end++;
        }
        if (end == data.limit()) {
            throw damaged();
        }
        byte[] bytes = new byte[end - offset];
        data.get(offset, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static BadFileException damaged() {
        return new BadFileException("its rpm database has a damaged package header");
    }
}
