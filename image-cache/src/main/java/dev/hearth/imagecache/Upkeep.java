package dev.hearth.imagecache;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.ImageAdminPort.Pruned;
import dev.hearth.contracts.ServedImages;
import dev.hearth.contracts.ServedImages.Need;
import dev.hearth.imagecache.reference.ImageReference;
import dev.hearth.imagecache.reference.ReferenceParser;
import dev.hearth.imagecache.serve.EmbeddedRegistry;
import dev.hearth.imagecache.store.ImageRecords;
import dev.hearth.imagecache.store.LayerStore;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Keeps the cache to its disk budget, and removes on request what nobody needs.
 *
 * <p>Evicted are whole images, the ones not used longest first: those that no service serves before
 * those that one does, whose next cold start brings them back. Never one that runs, nor one that a
 * service with a minimum of instances serves, nor one used within {@link #JUST_USED}: a start has
 * the image before it has an instance. What was pushed is nobody's to evict; it counts, though.
 */
final class Upkeep {
    private static final Logger LOG = Logger.getLogger(Upkeep.class);

    /** Longer than a start takes from opening its image to being listed as running. */
    static final Duration JUST_USED = Duration.ofMinutes(1);

    private final ImageRecords images;
    private final LayerStore layers;
    private final EmbeddedRegistry registry;
    private final Clock clock;
    private final long budgetBytes;
    private final ReentrantLock removing = new ReentrantLock();
    private volatile ServedImages serving = digest -> Need.NONE;
    private volatile boolean servingKnown;
    private volatile Supplier<Set<Digest>> running = Set::of;

    /**
     * @param budgetBytes for layers and pushed blobs together
     */
    Upkeep(
            ImageRecords images,
            LayerStore layers,
            EmbeddedRegistry registry,
            Clock clock,
            long budgetBytes) {
        this.images = images;
        this.layers = layers;
        this.registry = registry;
        this.clock = clock;
        this.budgetBytes = budgetBytes;
    }

    long budgetBytes() {
        return budgetBytes;
    }

    /**
     * @param images asked for each one that could be removed
     */
    void serving(ServedImages images) {
        serving = images;
        servingKnown = true;
    }

    /**
     * @param digests asked for whenever something is to be removed
     */
    void running(Supplier<Set<Digest>> digests) {
        running = digests;
    }

    Set<Digest> running() {
        return running.get();
    }

    /** See {@link dev.hearth.contracts.ImageAdminPort#prune}. */
    Pruned prune(Set<Digest> keep) throws IOException {
        removing.lock();
        try {
            int count = 0;
            for (ImageRecords.Listed one : images.all()) {
                Digest digest = one.image().digest();
                if (!keep.contains(digest) && remove(digest)) {
                    count++;
                }
            }
            long bytes = images.removeUnusedLayers();
            Set<Digest> needed = new HashSet<>(keep);
            images.all().forEach(one -> needed.add(one.image().digest()));
            return new Pruned(count, bytes + registry.prune(needed::contains));
        } finally {
            removing.unlock();
        }
    }

    /**
     * Evicts until layers and pushed blobs fit the budget, or nothing more may go. Nothing goes
     * before it is known what serves.
     */
    void keepToBudget() throws IOException {
        removing.lock();
        try {
            registry.expireUploads();
            registry.collectDeleted();
            running.get().forEach(images::use); // what runs is in use, however long ago it started
            if (excess() <= 0 || !servingKnown) {
                return;
            }
            registry.collect();
            long bytes = images.removeUnusedLayers(); // of pulls that failed
            int count = 0;
            for (Digest digest : evictable()) {
                if (excess() <= 0) {
                    break;
                }
                if (remove(digest)) {
                    count++;
                    bytes += images.removeUnusedLayers();
                }
            }
            if (bytes > 0) {
                LOG.infof(
                        "evicted %d images (%d MiB) to keep to the disk budget of %d MiB",
                        count, bytes >> 20, budgetBytes >> 20);
            }
            if (excess() > 0) {
                LOG.warnf(
                        "images take %d MiB more than hearth.images.disk-budget allows, and what is"
                                + " left is in use or was pushed; raise it, or delete services and"
                                + " tags",
                        excess() >> 20);
            }
        } finally {
            removing.unlock();
        }
    }

    /** Evicts all that no service serves, since the disk is full; whether that freed anything. */
    boolean makeRoom() throws IOException {
        removing.lock();
        try {
            int count = 0;
            for (Digest digest : evictable()) {
                if (serving.need(digest) == Need.NONE && remove(digest)) {
                    count++;
                }
            }
            long bytes = images.removeUnusedLayers() + registry.collect();
            LOG.warnf("the disk is full: evicted %d images, %d MiB in all", count, bytes >> 20);
            return count > 0 && bytes > 0;
        } finally {
            removing.unlock();
        }
    }

    private long excess() throws IOException {
        return layers.bytes() + registry.bytes() - budgetBytes;
    }

    private List<Digest> evictable() {
        return images.all().stream()
                .map(one -> new Evictable(one, serving.need(one.image().digest())))
                .filter(one -> one.need != Need.ALWAYS)
                .filter(one -> one.need == Need.NONE || canComeBack(one.image))
                .sorted(
                        Comparator.comparing(Evictable::need)
                                .thenComparing(one -> one.image.lastUsed()))
                .map(one -> one.image.image().digest())
                .toList();
    }

    /** An image, and how much it was needed when it was looked at. */
    private record Evictable(ImageRecords.Listed image, Need need) {}

    /** Not from a file, which nobody promised to keep. */
    private static boolean canComeBack(ImageRecords.Listed image) {
        return image.names().stream()
                .anyMatch(name -> ReferenceParser.parse(name) instanceof ImageReference.Registry);
    }

    private boolean remove(Digest digest) throws IOException {
        Instant before = clock.now().minus(JUST_USED);
        return serving.need(digest) != Need.ALWAYS // asked again: it may have been deployed since
                && !running.get().contains(digest)
                && images.remove(digest, before);
    }
}
