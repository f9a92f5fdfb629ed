package dev.hearth.imagecache;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream that fails between two reads once its deadline is past. */
final class DeadlineStream extends FilterInputStream {
    private final Deadline deadline;
    private final String reference;

    DeadlineStream(InputStream in, Deadline deadline, String reference) {
        super(in);
        this.deadline = deadline;
        this.reference = reference;
    }

    @Override
    public int read() throws IOException {
        deadline.check(reference);
        return in.read();
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        deadline.check(reference);
        return in.read(buffer, offset, length);
    }
}
