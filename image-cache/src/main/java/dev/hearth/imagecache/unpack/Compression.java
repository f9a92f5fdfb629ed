package dev.hearth.imagecache.unpack;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * How a layer is packed, told by its first bytes as containerd does: media types of real images are
 * wrong often enough, and the digests decide in the end.
 */
final class Compression {
    private static final int BUFFER = 64 * 1024;

    /** 128 MiB of memory, what a zstd decoder must take by its specification's level 22. */
    private static final int MOST_ZSTD_WINDOW_LOG = 27;

    private Compression() {}

    /** The tar stream inside; closing it frees the decoder and closes {@code layer}. */
    static InputStream decompress(InputStream layer) throws IOException {
        BufferedInputStream in = new BufferedInputStream(layer, BUFFER);
        in.mark(4);
        byte[] first = in.readNBytes(4);
        in.reset();
        if (startsWith(first, 0x1f, 0x8b)) {
            Optional<IsaL> fast = IsaL.found();
            return new Explained(fast.isPresent() ? fast.get().gunzip(in) : gunzip(in), "gzip");
        }
        if (startsWith(first, 0x28, 0xb5, 0x2f, 0xfd) || isSkippableFrame(first)) {
            ZstdInputStreamNoFinalizer zstd = new ZstdInputStreamNoFinalizer(in);
            zstd.setLongMax(MOST_ZSTD_WINDOW_LOG);
            return new Explained(zstd, "zstd");
        }
        return in;
    }

    /** By zlib, for hosts without {@link IsaL}. */
    static InputStream gunzip(InputStream gzip) throws IOException {
        return GzipCompressorInputStream.builder()
                .setInputStream(gzip)
                .setDecompressConcatenated(true)
                .setBufferSize(BUFFER)
                .get();
    }

    /** zstd frames that a decoder passes over: 0x184D2A50 to 5F, little-endian. */
    private static boolean isSkippableFrame(byte[] first) {
        return first.length == 4
                && (first[0] & 0xf0) == 0x50
                && first[1] == 0x2a
                && first[2] == 0x4d
                && first[3] == 0x18;
    }

    private static boolean startsWith(byte[] first, int... magic) {
        if (first.length < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if ((first[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Turns a decoder's complaint into the layer's fault. A source that cannot be read throws
     * HearthExceptions, so an IOException here is always the decoder's.
     */
    private static final class Explained extends FilterInputStream {
        private final String format;

        Explained(InputStream decoder, String format) {
            super(decoder);
            this.format = format;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                return in.read(buffer, offset, length);
            } catch (BadLayerException e) {
                throw e;
            } catch (EOFException e) {
                throw new BadLayerException("is cut off: its " + format + " stream has no end");
            } catch (IOException e) {
                throw new BadLayerException("is not valid " + format + " (" + e.getMessage() + ")");
            }
        }
    }
}
