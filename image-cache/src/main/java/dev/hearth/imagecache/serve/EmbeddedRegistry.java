package dev.hearth.imagecache.serve;

import com.sun.net.httpserver.HttpServer;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.RegistryBounds;
import dev.hearth.imagecache.reference.ImageReference;
import dev.hearth.imagecache.source.ImageSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The registry of this node: images are pushed to it, kept, and pulled again. It listens on
 * loopback; the gateway forwards what comes for {@link Settings#hosts}.
 */
public final class EmbeddedRegistry implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(EmbeddedRegistry.class);

    /** That a client may keep us waiting. */
    static final Duration STALL = Duration.ofSeconds(60);

    private final Settings settings;
    private final RegistryStore store;
    private final StallWatch watch;
    private final CallPlaces places = new CallPlaces();

    /** Reads requests as they come, however slowly; what is asked is done elsewhere. */
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private @Nullable HttpServer server;

    /**
     * What the registry is told.
     *
     * @param hosts that references to its images begin with, {@code host} or {@code host:port}; the
     *     first is the one it uses itself
     * @param token that every call must carry
     * @param mostBlobBytes of one blob or archive
     */
    public record Settings(List<String> hosts, String token, long mostBlobBytes) {
        public Settings {
            hosts = List.copyOf(hosts);
            if (token.isBlank()) {
                throw new IllegalArgumentException("without a token everybody would be let in");
            }
        }
    }

    /** What is done with an image that was pushed, before its pusher is answered. */
    public interface Arrivals {
        /**
         * Makes it ready to run; NOT_FOUND when it is for another platform, which is no failure of
         * the push.
         *
         * @param manifest or an index, of which the one for this machine is meant
         */
        void unpack(String repository, Digest manifest, Optional<String> tag);
    }

    private EmbeddedRegistry(Path data, Settings settings, Clock clock) {
        this.settings = settings;
        this.store = new RegistryStore(data, clock, settings.mostBlobBytes());
        this.watch = new StallWatch(STALL, clock);
    }

    /** The registry of a data directory; what a crash left half-pushed is removed. */
    public static EmbeddedRegistry open(Path data, Settings settings, Clock clock)
            throws IOException {
        EmbeddedRegistry registry = new EmbeddedRegistry(data, settings, clock);
        registry.store.load();
        return registry;
    }

    /** Begins to listen, on a port of the system's choice. */
    public void serve(Arrivals arrivals) throws IOException {
        Acceptance acceptance = new Acceptance(store, arrivals);
        HttpServer http =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.setExecutor(threads);
        http.createContext(
                "/",
                new RegistryApi(
                        new RegistryAccess(settings.token()),
                        new BlobCalls(store),
                        new ManifestCalls(store, acceptance),
                        new ListCalls(store),
                        new ArchiveCall(store, acceptance, host()),
                        watch,
                        places));
        http.start();
        server = http;
    }

    /** Where it listens; nowhere before {@link #serve}. */
    public Optional<InetSocketAddress> address() {
        return Optional.ofNullable(server).map(HttpServer::getAddress);
    }

    /** What references to its images begin with. */
    public String host() {
        return settings.hosts().getFirst();
    }

    /** Whether a reference is to an image of this registry. */
    public boolean has(ImageReference.Registry reference) {
        return settings.hosts().contains(reference.host());
    }

    /** Whether it has that manifest in the reference's repository, whatever the host. */
    public boolean holds(ImageReference.Registry reference, Digest digest) {
        try {
            return store.repositories().find(reference.repository(), digest).isPresent();
        } catch (IOException e) {
            LOG.warnf("looking for %s in the embedded registry failed: %s", reference, e);
            return false;
        }
    }

    /** An image of this registry. */
    public ImageSource source(ImageReference.Registry reference) {
        return new RepositorySource(reference, store);
    }

    /** Removes what no manifest needs; the bytes of that. */
    public long collect() throws IOException {
        return store.collect();
    }

    /** As {@link #collect}, and the manifests without a tag but those to keep. */
    public long prune(Predicate<Digest> keep) throws IOException {
        return store.collect(keep);
    }

    /** See {@link dev.hearth.contracts.ImageAdminPort#bound}. */
    public void bound(RegistryBounds bounds) {
        store.shares().bound(bounds);
    }

    /** See {@link dev.hearth.contracts.ImageAdminPort#registryBytes}. */
    public long bytes(ProjectName project) throws IOException {
        return store.shares().used(project);
    }

    /** Removes what was needed only by what was deleted. */
    public void collectDeleted() throws IOException {
        store.collectDeleted();
    }

    /** Cancels the uploads that nobody goes on with. */
    public void expireUploads() throws IOException {
        store.uploads().expire();
    }

    /** Bytes of all that was pushed, as it was pushed, and of what is coming in. */
    public long bytes() throws IOException {
        return store.bytes();
    }

    @Override
    public void close() {
        HttpServer http = server;
        if (http != null) {
            http.stop(0);
        }
        threads.shutdownNow();
        places.close();
        watch.close();
    }
}
