package dev.hearth.imagecache;

import dev.hearth.contracts.ImageAdminPort.PullView;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** How far a pull has come; written by its layers' threads, read by whoever asks. */
final class Progress {
    private final String reference;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger layers = new AtomicInteger();
    private volatile long totalBytes;
    private volatile int totalLayers;

    Progress(String reference) {
        this.reference = reference;
    }

    /** Says what there is to fetch, once that is known. */
    void expect(long allBytes, int allLayers) {
        totalBytes = allBytes;
        totalLayers = allLayers;
    }

    /** A layer that is complete and was fetched through {@link #counting}. */
    void layerDone() {
        layers.incrementAndGet();
    }

    /** A layer that was here already. */
    void layerThere(long blobBytes) {
        bytes.addAndGet(blobBytes);
        layers.incrementAndGet();
    }

    /** A blob's bytes, counted as they come. */
    InputStream counting(InputStream blob) {
        return new FilterInputStream(blob) {
            @Override
            public int read() throws IOException {
                int one = in.read();
                bytes.addAndGet(one < 0 ? 0 : 1);
                return one;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                int n = in.read(buffer, offset, length);
                bytes.addAndGet(Math.max(0, n));
                return n;
            }
        };
    }

    PullView view() {
        return new PullView(reference, bytes.get(), totalBytes, layers.get(), totalLayers);
    }
}
