package dev.hearth.imagecache.unpack;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Bytes from one thread to another: the filler reads a stream ahead of the reader, who gets the
 * same bytes and then the same end or failure as if it read that stream itself.
 *
 * <p>Concurrency: one filler, one reader. {@link #MOST} buffers go round between them, so the
 * filler is never further ahead than that. Whichever of the two stops first tells the other: the
 * filler by the end or failure that it passes on, the reader by {@link #close}; each waits for
 * nothing but the other's next step. An interrupt ends no wait here: the stream that the filler
 * reads notices it, and its failure arrives as any other.
 */
final class ChunkPipe extends InputStream {
    /** One being filled, one being read, two between: half a mebibyte for a layer. */
    private static final int MOST = 4;

    private final BlockingQueue<Piece> full = new LinkedBlockingQueue<>();
    private final BlockingQueue<Piece> free = new LinkedBlockingQueue<>();
    private Piece current = new Chunk(new byte[0], 0);
    private int position;

    ChunkPipe() {
        for (int i = 0; i < MOST; i++) {
            free.add(new Chunk(new byte[Kernel.WRITE_BYTES], 0));
        }
    }

    /** What goes round. */
    private sealed interface Piece {}

    /**
     * Content, or a buffer for it.
     *
     * @param length bytes of it that count
     */
    private record Chunk(byte[] bytes, int length) implements Piece {}

    /** No more will come; to the filler: no more is wanted. */
    private record End() implements Piece {}

    /** No more can come. */
    private record Failed(Throwable cause) implements Piece {}

    /**
     * Reads a stream to its end or failure, or as far as the reader wants; on return the stream is
     * not used any more.
     */
    void fill(InputStream from) {
        while (take(free) instanceof Chunk(byte[] bytes, int unused)) {
            int length = 0;
            try {
                int n = 0;
                while (n >= 0 && length < bytes.length) {
                    n = from.read(bytes, length, bytes.length - length);
                    length += Math.max(0, n);
                }
                full.add(new Chunk(bytes, length));
                if (n < 0) {
                    full.add(new End());
                    return;
                }
            } catch (IOException | RuntimeException | Error e) {
                full.add(new Chunk(bytes, length));
                full.add(new Failed(e));
                return;
            }
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (true) {
            switch (current) {
                case End end -> {
                    return -1;
                }
                case Failed(IOException cause) -> throw cause;
                case Failed(RuntimeException cause) -> throw cause;
                case Failed(Throwable cause) -> throw new AssertionError(cause);
                case Chunk(byte[] bytes, int most) when position < most -> {
                    int n = Math.min(length, most - position);
                    System.arraycopy(bytes, position, buffer, offset, n);
                    position += n;
                    return n;
                }
                case Chunk done -> {
                    if (done.bytes.length > 0) {
                        free.add(done);
                    }
                    current = take(full);
                    position = 0;
                }
            }
        }
    }

    /** Lets the filler stop after the buffer that it is filling. */
    @Override
    public void close() {
        free.clear();
        free.add(new End());
    }

    private static Piece take(BlockingQueue<Piece> queue) {
        boolean interrupted = false;
        while (true) {
            try {
                Piece piece = queue.take();
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
                return piece;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }
}
