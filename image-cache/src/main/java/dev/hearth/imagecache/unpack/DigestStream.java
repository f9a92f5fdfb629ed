package dev.hearth.imagecache.unpack;

import dev.hearth.contracts.Digest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A stream that hashes what is read of it and refuses to give more than a number of bytes. Closing
 * it leaves the stream below open: whoever opened that one closes it.
 */
public final class DigestStream extends FilterInputStream {
    private final MessageDigest sha256 = newSha256();
    private final long most;
    private final BadLayerException.Fault onMore;
    private long count;

    /**
     * @param most bytes; one more and reading fails with {@link BadLayerException}
     * @param onMore that failure's fault
     */
    public DigestStream(InputStream in, long most, BadLayerException.Fault onMore) {
        super(in);
        this.most = most;
        this.onMore = onMore;
    }

    /** Bytes read so far. */
    public long count() {
        return count;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int n = in.read(buffer, offset, length);
        if (n > 0) {
            count += n;
            if (count > most) {
                throw new BadLayerException(onMore, "has more than " + most + " bytes");
            }
            sha256.update(buffer, offset, n);
        }
        return n;
    }

    @Override
    public long skip(long wanted) throws IOException {
        byte[] buffer = new byte[(int) Math.min(wanted, 8192)];
        return Math.max(0, read(buffer, 0, buffer.length));
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    @Override
    public void close() {}

    /** Reads to the end, so that the hash is of everything. */
    public void drain() throws IOException {
        byte[] buffer = new byte[64 * 1024];
        while (read(buffer, 0, buffer.length) >= 0) {
            continue;
        }
    }

    /** The hash of all that was read; once only. */
    public Digest digest() {
        return Digest.sha256(HexFormat.of().formatHex(sha256.digest()));
    }

    /**
     * Checks the hash of all that was read; once only.
     *
     * @param verb of the sentence "the layer VERB that hashes to …"
     */
    public void verify(Digest expected, String verb) throws BadLayerException {
        Digest actual = digest();
        if (!actual.equals(expected)) {
            throw new BadLayerException(
                    BadLayerException.Fault.WRONG_DIGEST,
                    verb + " that hashes to " + actual + " instead of " + expected);
        }
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
