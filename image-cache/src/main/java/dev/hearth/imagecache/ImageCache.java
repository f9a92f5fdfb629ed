package dev.hearth.imagecache;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ImageAdminPort;
import dev.hearth.contracts.ImagePort;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.RegistryBounds;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.contracts.ServedImages;
import dev.hearth.imagecache.manifest.Platform;
import dev.hearth.imagecache.reference.ImageReference;
import dev.hearth.imagecache.reference.ReferenceParser;
import dev.hearth.imagecache.sbom.Sboms;
import dev.hearth.imagecache.serve.EmbeddedRegistry;
import dev.hearth.imagecache.signature.SignaturePolicy;
import dev.hearth.imagecache.source.ImageSource;
import dev.hearth.imagecache.store.CachePaths;
import dev.hearth.imagecache.store.ImageRecords;
import dev.hearth.imagecache.store.LayerStore;
import dev.hearth.imagecache.unpack.LayerUnpacker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The images of this node: finds them where their references say, brings them here, opens them for
 * the runtime, and lets go of those that are not needed when they take too much room.
 *
 * <p>Layers are unpacked on a few threads of its own, because the work is system calls and
 * decompression that would hold the carrier threads of virtual ones.
 */
public final class ImageCache implements ImagePort, ImageAdminPort, ImageStore, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ImageCache.class);
    private static final Duration STOP = Duration.ofSeconds(5);
    private static final int UPKEEP_SECONDS = 60;

    private final CacheLimits limits;
    private final Clock clock;
    private final LayerStore layers;
    private final ImageRecords images;
    private final LayerUnpacker unpacker;
    private final ImageSources sources;
    private final EmbeddedRegistry registry;
    private final Upkeep upkeep;
    private final Function<ProjectName, SignaturePolicy> signatures;
    private final ExecutorService workers;
    private final Set<Progress> pulls = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService upkeepThread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("image-upkeep").factory());

    private ImageCache(CacheOptions options, Clock clock) throws IOException {
        CachePaths paths = new CachePaths(options.data());
        this.limits = options.limits();
        this.registry = EmbeddedRegistry.open(options.data(), options.registry(), clock);
        this.sources = new ImageSources(options.registries(), options.data(), registry, clock);
        this.signatures = project -> new SignaturePolicy(options.signers(project));
        this.clock = clock;
        this.layers = new LayerStore(paths);
        this.images = new ImageRecords(paths, layers, clock);
        this.upkeep = new Upkeep(images, layers, registry, clock, options.diskBudget().bytes());
        this.unpacker = new LayerUnpacker(limits.layer(), layers::share);
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
        try {
            ImageCache cache = new ImageCache(options, clock);
            boolean open = false;
            try {
                cache.begin();
                open = true;
                return cache;
            } finally {
                if (!open) {
                    cache.close();
                }
            }
        } catch (IOException e) {
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
    }

    private void begin() throws IOException {
        images.load();
        registry.serve(this::unpackPushed);
        upkeepThread.scheduleWithFixedDelay(
                this::upkeep, UPKEEP_SECONDS, UPKEEP_SECONDS, TimeUnit.SECONDS);
    }

    private void upkeep() {
        try {
            images.noteUses();
        } catch (IOException e) {
            LOG.warnf("when images were used last is not kept: %s", e);
        }
        keepToBudget();
    }

    /** Evicts what is too much; also done after each pull and every minute. */
    void keepToBudget() {
        try {
            upkeep.keepToBudget();
        } catch (IOException | RuntimeException e) {
            LOG.warnf("keeping the images to their disk budget failed: %s", e);
        }
    }

    private void keepToBudgetSoon() {
        try {
            upkeepThread.execute(this::keepToBudget);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("the disk budget is looked after by the next start");
        }
    }

    @Override
    public ResolvedImage resolve(ProjectName project, String reference) {
        ImageReference parsed = ReferenceParser.parse(reference);
        String name = parsed.toString();
        Deadline deadline = new Deadline(clock, limits.resolve());
        try (ImageSource source = sources.open(project, parsed, deadline)) {
            List<Digest> path = new Lookup(name, source, Platform.host()).path();
            signatures.apply(project).check(name, source, path, deadline);
            return new ResolvedImage(name, path.getLast(), project);
        }
    }

    @Override
    public void prefetch(ResolvedImage image) {
        ensure(image);
        try {
            images.name(image.digest(), image.reference());
        } catch (IOException e) {
            LOG.warnf("the name %s of an image is not kept: %s", image.reference(), e);
        }
    }

    private void ensure(ResolvedImage image) {
        if (images.use(image.digest()).isEmpty()) {
            pullMakingRoom(image);
            keepToBudgetSoon();
        }
    }

    /** A pull for which the disk was too full is tried again when eviction made room. */
    private void pullMakingRoom(ResolvedImage image) {
        try {
            pull(image);
        } catch (HearthException e) {
            if (!e.reason().equals(Pull.DISK_FULL) || !madeRoom()) {
                throw e;
            }
            pull(image);
        }
    }

    private boolean madeRoom() {
        try {
            return upkeep.makeRoom();
        } catch (IOException e) {
            throw unusable("evicting images from a full disk", e);
        }
    }

    private void pull(ResolvedImage image) {
        ImageReference reference = ReferenceParser.parse(image.reference());
        Digest digest = image.digest();
        Progress progress = new Progress(reference.toString());
        pulls.add(progress);
        Deadline deadline = new Deadline(clock, limits.pull());
        try (ImageSource source = source(image.project(), reference, digest, deadline)) {
            new Pull(reference.toString(), source, deadline, unpacker, progress)
                    .run(digest, images, layers, workers);
        } finally {
            pulls.remove(progress);
        }
    }

    /** What is in this node's registry comes from there, by whatever host name it was deployed. */
    private ImageSource source(
            ProjectName project, ImageReference reference, Digest digest, Deadline deadline) {
        return reference instanceof ImageReference.Registry r && registry.holds(r, digest)
                ? registry.source(r)
                : sources.open(project, reference, deadline);
    }

    /** What was pushed to the embedded registry is made ready as if it had been pulled. */
    private void unpackPushed(String repository, Digest manifest, Optional<String> tag) {
        String repositoryName = registry.host() + "/" + repository;
        ImageReference name =
                ReferenceParser.parse(
                        repositoryName + tag.map(t -> ":" + t).orElse("@" + manifest));
        ImageReference pushed = ReferenceParser.parse(repositoryName + "@" + manifest);
        Deadline deadline = new Deadline(clock, limits.resolve());
        try (ImageSource source = sources.open(ProjectName.DEFAULT, pushed, deadline)) {
            Digest image = new Lookup(name.toString(), source, Platform.host()).path().getLast();
            prefetch(new ResolvedImage(name.toString(), image));
        }
    }

    @Override
    public StoredImage open(Digest manifest) {
        return images.use(manifest)
                .orElseThrow(
                        () ->
                                new HearthException(
                                        ErrorKind.NOT_FOUND,
                                        "image-not-in-cache",
                                        "image "
                                                + manifest
                                                + " is not on this node; deploy it again"));
    }

    @Override
    public StoredImage bring(ResolvedImage image) {
        Optional<StoredImage> there = images.use(image.digest());
        if (there.isPresent()) {
            return there.get();
        }
        ensure(image);
        return open(image.digest());
    }

    @Override
    public void running(Supplier<Set<Digest>> digests) {
        upkeep.running(digests);
    }

    @Override
    public void serving(ServedImages images) {
        upkeep.serving(images);
    }

    @Override
    public ImagesView images() {
        try {
            Set<Digest> running = upkeep.running();
            List<ImageView> views =
                    images.all().stream()
                            .map(
                                    one ->
                                            new ImageView(
                                                    one.image().digest(),
                                                    one.names(),
                                                    one.image().unpackedBytes(),
                                                    one.sharedBytes(),
                                                    one.lastUsed(),
                                                    running.contains(one.image().digest())))
                            .toList();
            return new ImagesView(views, layers.bytes(), registry.bytes(), upkeep.budgetBytes());
        } catch (IOException e) {
            throw unusable("listing the images", e);
        }
    }

    @Override
    public byte[] billOfMaterials(ProjectName project, String reference) {
        ResolvedImage image = resolve(project, reference);
        prefetch(image);
        return Sboms.of(open(image.digest()), image.reference(), clock.now());
    }

    @Override
    public Pruned prune(Set<Digest> keep) {
        try {
            return upkeep.prune(keep);
        } catch (IOException e) {
            throw unusable("removing images", e);
        }
    }

    private static HearthException unusable(String what, IOException e) {
        return new HearthException(
                ErrorKind.INTERNAL,
                "image-store-unusable",
                what + " failed: " + e + "; check the disk of the data directory",
                e);
    }

    @Override
    public List<PullView> pulls() {
        return pulls.stream().map(Progress::view).toList();
    }

    @Override
    public void bound(RegistryBounds bounds) {
        registry.bound(bounds);
    }

    @Override
    public long registryBytes(ProjectName project) {
        try {
            return registry.bytes(project);
        } catch (IOException e) {
            throw unusable("counting what a project has in the registry", e);
        }
    }

    @Override
    public Optional<InetSocketAddress> registry() {
        return registry.address();
    }

    /** Ends the cache's threads within {@link #STOP}; a pull under way fails and cleans up. */
    @Override
    public void close() {
        registry.close();
        upkeepThread.shutdownNow();
        for (Runnable waiting : workers.shutdownNow()) {
            if (waiting instanceof Future<?> layer) {
                layer.cancel(false); // else whoever waits for it would wait for ever
            }
        }
        sources.close();
        try {
            workers.awaitTermination(STOP.toMillis(), TimeUnit.MILLISECONDS);
            upkeepThread.awaitTermination(STOP.toMillis(), TimeUnit.MILLISECONDS);
            images.noteUses();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.warnf("when images were used last is not kept: %s", e);
        }
    }
}
