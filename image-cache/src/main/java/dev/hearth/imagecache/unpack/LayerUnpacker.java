package dev.hearth.imagecache.unpack;

import dev.hearth.contracts.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Unpacks one layer's tar stream into a directory that overlayfs can stack.
 *
 * <p>Two threads work on a layer: the caller's fetches and inflates, a second one hashes the tar
 * and writes, so that an image of which one layer is most still keeps two cores busy.
 *
 * <p>Hostile layers are refused with a {@link BadLayerException} or made harmless, see {@link
 * LayerWriter}; nothing outside the directory is touched.
 */
public final class LayerUnpacker {
    private final UnpackLimits limits;
    private final Sharing sharing;

    /**
     * @param sharing what is done with large files before they are written to the disk itself
     */
    public LayerUnpacker(UnpackLimits limits, Sharing sharing) {
        this.limits = limits;
        this.sharing = sharing;
    }

    /** Replaces files of a layer by equal ones of others. */
    public interface Sharing {
        /**
         * @param large paths below the layer; some may have been replaced by other things since
         */
        void share(Path layer, List<String> large) throws IOException;
    }

    /**
     * What came out.
     *
     * @param entries of the archive
     * @param bytes of file content
     * @param opaqueRoot whether the layer hides all layers below it, which overlayfs does not see
     *     at a layer's root
     * @param large paths of large files, for {@link Sharing}
     */
    public record Unpacked(long entries, long bytes, boolean opaqueRoot, List<String> large) {
        public Unpacked {
            large = List.copyOf(large);
        }
    }

    /**
     * Fills an existing, empty directory that nobody else writes to, and returns when all of it is
     * on the disk itself.
     *
     * @param layer the blob as it comes: plain, gzip or zstd; closed
     * @param diffId what the uncompressed tar must hash to
     * @throws BadLayerException when the layer is at fault; other IOExceptions are the stream's or
     *     the disk's
     */
    public Unpacked unpack(InputStream layer, Digest diffId, Path into) throws IOException {
        try (InputStream plain = Compression.decompress(layer)) {
            ChunkPipe tar = new ChunkPipe();
            FutureTask<Unpacked> writing = new FutureTask<>(() -> write(tar, diffId, into));
            Thread.ofPlatform().daemon().name("image-write").start(writing);
            tar.fill(plain);
            return outcome(writing);
        }
    }

    private Unpacked write(ChunkPipe plain, Digest diffId, Path into) throws IOException {
        try (plain;
                Kernel kernel = new Kernel();
                LayerTree tree = new LayerTree(kernel, latin1(into), limits.mostEntries())) {
            DigestStream tar =
                    new DigestStream(
                            plain, limits.mostBytes().bytes(), BadLayerException.Fault.TOO_LARGE);
            Unpacked unpacked = unpackEntries(tar, kernel, tree);
            tar.drain();
            tar.verify(diffId, "unpacks to content");
            sharing.share(into, unpacked.large());
            tree.setDirectoryTimes();
            kernel.syncFileSystem(tree.rootFile());
            return unpacked;
        }
    }

    /** Waits however often it is interrupted: nobody may write once {@link #unpack} returned. */
    private static Unpacked outcome(FutureTask<Unpacked> writing) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return writing.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case null, default -> throw new AssertionError("unpacking broke", e);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Unpacked unpackEntries(InputStream tar, Kernel kernel, LayerTree tree)
            throws IOException {
        TarReader reader = new TarReader(tar);
        LayerWriter writer = new LayerWriter(kernel, tree);
        kernel.changeMode(tree.rootFile(), 0755);
        long entries = 0;
        for (Optional<TarEntry> e = reader.next(); e.isPresent(); e = reader.next()) {
            if (++entries > limits.mostEntries()) {
                throw new BadLayerException(
                        BadLayerException.Fault.TOO_LARGE,
                        "has more than " + limits.mostEntries() + " entries");
            }
            writer.write(e.get(), reader);
        }
        return new Unpacked(entries, writer.bytes(), tree.root().opaque, writer.large());
    }

    private static String latin1(Path path) {
        return new String(
                path.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
