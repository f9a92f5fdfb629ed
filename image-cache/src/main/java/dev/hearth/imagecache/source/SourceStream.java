package dev.hearth.imagecache.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A blob whose read failures are HearthExceptions, so that nobody takes them for a bad layer. */
final class SourceStream extends FilterInputStream {
    private final String reference;

    SourceStream(InputStream in, String reference) {
        super(in);
        this.reference = reference;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
        try {
            return in.read(buffer, offset, length);
        } catch (IOException e) {
            throw Failures.unreadable(reference, e);
        }
    }
}
