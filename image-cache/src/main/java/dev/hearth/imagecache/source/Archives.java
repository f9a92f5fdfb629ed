package dev.hearth.imagecache.source;

import dev.hearth.imagecache.unpack.BadLayerException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens and closes image archive files. */
final class Archives {
    private Archives() {}

    static Bundle open(String reference, Path file) {
        if (!Files.exists(file)) {
            throw Failures.notFound(reference, "there is no file " + file);
        }
        if (!Files.isRegularFile(file)) {
            throw Failures.notFound(reference, file + " is not a file");
        }
        try {
            if (isGzip(file)) {
                throw Failures.corrupt(
                        reference, "the archive is compressed; unpack it with gunzip first");
            }
            return new TarBundle(file);
        } catch (BadLayerException e) {
            throw Failures.corrupt(reference, "the archive " + e.getMessage());
        } catch (IOException e) {
            throw Failures.unreadable(reference, e);
        }
    }

    private static boolean isGzip(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.read() == 0x1f && in.read() == 0x8b;
        }
    }

    static void close(String reference, Bundle bundle) {
        try {
            bundle.close();
        } catch (IOException e) {
            throw Failures.unreadable(reference, e);
        }
    }
}
