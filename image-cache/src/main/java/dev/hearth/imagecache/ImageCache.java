package dev.hearth.imagecache;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ImagePort;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.imagecache.manifest.Platform;
import dev.hearth.imagecache.reference.ImageReference;
import dev.hearth.imagecache.reference.ReferenceParser;
import dev.hearth.imagecache.source.ImageSource;
import dev.hearth.imagecache.store.CachePaths;
import dev.hearth.imagecache.store.ImageRecords;
import dev.hearth.imagecache.store.LayerStore;
import dev.hearth.imagecache.unpack.LayerUnpacker;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The images of this node: finds them where their references say, brings them here, and opens them
 * for the runtime.
 *
 * <p>Layers are unpacked on a few threads of its own, because the work is system calls and
 * decompression that would hold the carrier threads of virtual ones.
 */
public final class ImageCache implements ImagePort, ImageStore, AutoCloseable {
    private static final Duration STOP = Duration.ofSeconds(5);

    private final CacheLimits limits;
    private final Clock clock;
    private final LayerStore layers;
    private final ImageRecords images;
    private final LayerUnpacker unpacker;
    private final ImageSources sources;
    private final ExecutorService workers;

    private ImageCache(CacheOptions options, Clock clock) {
        CachePaths paths = new CachePaths(options.data());
        this.limits = options.limits();
        this.sources = new ImageSources(options.registries(), clock);
        this.clock = clock;
        this.layers = new LayerStore(paths);
        this.images = new ImageRecords(paths, layers);
        this.unpacker = new LayerUnpacker(limits.layer());
        this.workers =
                Executors.newFixedThreadPool(
                        limits.parallelLayers(),
                        Thread.ofPlatform().daemon().name("image-unpack-", 0).factory());
    }

    /**
     * The cache in its data directory; what a crash left half-made there is removed.
     *
     * @throws HearthException INTERNAL {@code image-store-unusable}
     */
    public static ImageCache open(CacheOptions options, Clock clock) {
        ImageCache cache = new ImageCache(options, clock);
        try {
            cache.images.load();
        } catch (IOException e) {
            cache.close();
            throw new HearthException(
                    ErrorKind.INTERNAL,
                    "image-store-unusable",
                    "the image store in "
                            + options.data()
                            + " cannot be read ("
                            + e
                            + "); mend or delete it,"
                            + " images are then pulled again",
                    e);
        }
        return cache;
    }

    @Override
    public ResolvedImage resolve(String reference) {
        ImageReference parsed = ReferenceParser.parse(reference);
        String name = parsed.toString();
        Deadline deadline = new Deadline(clock, limits.resolve());
        try (ImageSource source = sources.open(parsed, deadline)) {
            return new ResolvedImage(name, new Lookup(name, source, Platform.host()).manifest());
        }
    }

    @Override
    public void prefetch(ResolvedImage image) {
        if (images.find(image.digest()).isPresent()) {
            return;
        }
        ImageReference parsed = ReferenceParser.parse(image.reference());
        Deadline deadline = new Deadline(clock, limits.pull());
        try (ImageSource source = sources.open(parsed, deadline)) {
            new Pull(parsed.toString(), source, deadline, unpacker)
                    .run(image.digest(), images, layers, workers);
        }
    }

    @Override
    public StoredImage open(Digest manifest) {
        return images.find(manifest)
                .orElseThrow(
                        () ->
                                new HearthException(
                                        ErrorKind.NOT_FOUND,
                                        "image-not-in-cache",
                                        "image "
                                                + manifest
                                                + " is not on this node; deploy it again"));
    }

    /** Ends the cache's threads within {@link #STOP}; a pull under way fails and cleans up. */
    @Override
    public void close() {
        for (Runnable waiting : workers.shutdownNow()) {
            if (waiting instanceof Future<?> layer) {
                layer.cancel(false); // else whoever waits for it would wait for ever
            }
        }
        sources.close();
        try {
            workers.awaitTermination(STOP.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
