package dev.hearth.imagecache.unpack;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a tar archive as layers have it: ustar, with PAX and GNU extensions. Names stay bytes and
 * attribute values stay binary, which general tar libraries decode as text.
 *
 * <p>Format: <a href="https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html">POSIX
 * pax</a> and the GNU tar manual, "Basic Tar Format". Sparse files are refused: no image builder
 * writes them, and they are how a kilobyte claims a petabyte.
 */
public final class TarReader {
    private static final int BLOCK = 512;
    private static final String CAPABILITY = "SCHILY.xattr.security.capability";

    /** The most bytes of one entry's extension headers: long names and attributes, and room. */
    private static final int MOST_EXTENSION_BYTES = 1 << 20;

    private final InputStream in;
    private final byte[] block = new byte[BLOCK];
    private long left;
    private int padding;
    private long position;
    private long extensionBytes;

    public TarReader(InputStream in) {
        this.in = in;
    }

    /** The next entry, skipping what is left of the one before; empty at the archive's end. */
    public Optional<TarEntry> next() throws IOException {
        skipContent();
        extensionBytes = 0;
        Map<String, String> extension = new HashMap<>();
        while (true) {
            if (!readBlock()) {
                return Optional.empty();
            }
            TarHeader header = new TarHeader(block);
            header.checkSum();
            switch (header.type()) {
                case 'x' -> PaxRecords.parse(readExtension(header.size()), extension);
                case 'g' -> readExtension(header.size()); // git's commit id and the like
                case 'L' -> extension.put("path", text(readExtension(header.size())));
                case 'K' -> extension.put("linkpath", text(readExtension(header.size())));
                default -> {
                    return Optional.of(entry(header, extension));
                }
            }
        }
    }

    /** Bytes of the current entry's content, -1 at its end. */
    public int read(byte[] buffer) throws IOException {
        if (left == 0) {
            return -1;
        }
        int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (n < 0) {
            throw new BadLayerException("ends in the middle of a file");
        }
        left -= n;
        position += n;
        return n;
    }

    /** Bytes from the archive's start; after {@link #next}, where the entry's content begins. */
    public long position() {
        return position;
    }

    private TarEntry entry(TarHeader header, Map<String, String> extension) throws IOException {
        for (String key : extension.keySet()) {
            if (key.startsWith("GNU.sparse.")) {
                throw new BadLayerException("has a sparse file; pack it without --sparse");
            }
        }
        String name = extension.getOrDefault("path", header.name());
        TarEntry.Kind kind = header.kind(name.endsWith("/"));
        String sizeText = extension.get("size");
        long size = sizeText == null ? header.size() : PaxRecords.whole("size", sizeText);
        begin(kind == TarEntry.Kind.FILE ? size : 0);
        PaxRecords.Time time =
                extension.containsKey("mtime")
                        ? PaxRecords.time(extension.getOrDefault("mtime", ""))
                        : new PaxRecords.Time(header.seconds(), 0);
        String capability = extension.get(CAPABILITY);
        return new TarEntry(
                name,
                kind,
                left,
                header.mode(),
                id("uid", extension, header.user()),
                id("gid", extension, header.group()),
                time.seconds(),
                time.nanos(),
                extension.getOrDefault("linkpath", header.linkName()),
                Optional.ofNullable(capability)
                        .map(value -> value.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static long id(String key, Map<String, String> extension, long plain)
            throws BadLayerException {
        String text = extension.get(key);
        long id = text == null ? plain : PaxRecords.whole(key, text);
        if (id < 0 || id >= 0xFFFF_FFFFL) {
            throw new BadLayerException("has a file of " + key + " " + id + ", which Linux lacks");
        }
        return id;
    }

    private byte[] readExtension(long size) throws IOException {
        begin(size);
        extensionBytes += size;
        if (extensionBytes > MOST_EXTENSION_BYTES) {
            throw new BadLayerException(
                    "has headers of "
                            + extensionBytes
                            + " bytes for one entry; the most is "
                            + MOST_EXTENSION_BYTES);
        }
        byte[] content = in.readNBytes((int) size);
        if (content.length < size) {
            throw new BadLayerException("ends in the middle of a header");
        }
        position += size;
        left = 0;
        skipContent();
        return content;
    }

    private void begin(long size) throws BadLayerException {
        if (size < 0) {
            throw new BadLayerException("has a file of negative size");
        }
        left = size;
        padding = (int) ((BLOCK - size % BLOCK) % BLOCK);
    }

    private void skipContent() throws IOException {
        try {
            in.skipNBytes(left + padding);
        } catch (java.io.EOFException e) {
            throw new BadLayerException("ends in the middle of a file");
        }
        position += left + padding;
        left = 0;
        padding = 0;
    }

    /** Reads the next block; false at a block of zeros, or where the archive ends without one. */
    private boolean readBlock() throws IOException {
        int n = in.readNBytes(block, 0, BLOCK);
        if (n == 0) {
            return false;
        }
        position += n;
        if (n < BLOCK) {
            throw new BadLayerException("ends in the middle of a header");
        }
        for (byte b : block) {
            if (b != 0) {
                return true;
            }
        }
        return false;
    }

    /** A name that ends at its first NUL, as GNU writes it. */
    private static String text(byte[] raw) {
        String text = new String(raw, StandardCharsets.ISO_8859_1);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }
}
