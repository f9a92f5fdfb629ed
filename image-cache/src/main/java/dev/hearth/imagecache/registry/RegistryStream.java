package dev.hearth.imagecache.registry;

import dev.hearth.imagecache.reference.ImageReference;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A response's body whose failures say which registry failed. */
final class RegistryStream extends FilterInputStream {
    private final ImageReference.Registry reference;

    RegistryStream(InputStream in, ImageReference.Registry reference) {
        super(in);
        this.reference = reference;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
        try {
            return in.read(buffer, offset, length);
        } catch (IOException e) {
            throw RegistrySource.unavailable(reference, String.valueOf(e.getMessage()), e);
        }
    }
}
