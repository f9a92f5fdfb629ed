package dev.hearth.imagecache.source;

import java.io.IOException;
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
            return new TarBundle(file);
        } catch (dev.hearth.imagecache.unpack.BadLayerException e) {
            throw Failures.corrupt(reference, "the archive " + e.getMessage());
        } catch (IOException e) {
            throw Failures.unreadable(reference, e);
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
