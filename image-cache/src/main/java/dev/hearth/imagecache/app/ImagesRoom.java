package dev.hearth.imagecache.app;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.Durations;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ImageAdminPort;
import dev.hearth.contracts.ImagePort;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.RegistryBounds;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.contracts.Room;
import dev.hearth.contracts.ServedImages;
import dev.hearth.imagecache.CacheLimits;
import dev.hearth.imagecache.CacheOptions;
import dev.hearth.imagecache.ImageCache;
import dev.hearth.imagecache.ImageStore;
import dev.hearth.imagecache.StoredImage;
import dev.hearth.imagecache.registry.DockerCredentials;
import dev.hearth.imagecache.registry.Mirrors;
import dev.hearth.imagecache.registry.RegistryOptions;
import dev.hearth.imagecache.registry.RegistryPolicy;
import dev.hearth.imagecache.serve.EmbeddedRegistry;
import dev.hearth.imagecache.unpack.UnpackLimits;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * The image cache's part of the process: the beans {@link ImagePort}, {@link ImageAdminPort} and
 * {@link ImageStore}, which answer between {@link #start} and {@link #stop}.
 */
@ApplicationScoped
public class ImagesRoom implements Room, ImagePort, ImageAdminPort, ImageStore {
    private final CacheOptions options;
    private volatile @Nullable ImageCache cache;

    @Inject
    ImagesRoom(
            @ConfigProperty(name = "hearth.data") Path data,
            @ConfigProperty(name = "hearth.insecure-registries")
                    Optional<List<String>> insecureRegistries,
            @ConfigProperty(name = "hearth.domain", defaultValue = "localhost") String domain,
            @ConfigProperty(name = "hearth.http-port", defaultValue = "8080") int httpPort,
            @ConfigProperty(name = "hearth.registry-token") String token,
            @ConfigProperty(name = "hearth.admin-port") Optional<Integer> adminPort,
            ImagesConfig config) {
        RegistryPolicy policy =
                new RegistryPolicy(
                        Set.copyOf(insecureRegistries.orElse(List.of())),
                        adminPort.map(Set::of).orElse(Set.of()));
        this.options =
                options(
                        data,
                        policy,
                        new EmbeddedRegistry.Settings(
                                hosts(domain, httpPort),
                                token,
                                DataSize.parse(config.layerSize()).bytes()),
                        config);
    }

    /**
     * The domain itself and a name in it; and on the machine itself loopback, which needs no name
     * server.
     */
    static List<String> hosts(String domain, int port) {
        String suffix = port == 80 ? "" : ":" + port;
        return Stream.of(domain, "registry." + domain, "localhost", "127.0.0.1")
                .map(host -> host + suffix)
                .distinct()
                .toList();
    }

    static CacheOptions options(
            Path data,
            RegistryPolicy policy,
            EmbeddedRegistry.Settings registry,
            ImagesConfig config) {
        DockerCredentials credentials =
                config.dockerConfig()
                        .map(DockerCredentials::new)
                        .orElseGet(DockerCredentials::ofUser);
        return new CacheOptions(
                data,
                new CacheLimits(
                        Durations.parse(config.resolveTimeout()),
                        Durations.parse(config.pullTimeout()),
                        config.parallelLayers(),
                        new UnpackLimits(
                                config.layerEntries(), DataSize.parse(config.layerSize()))),
                new RegistryOptions(
                        policy,
                        CacheOptions.withProject(credentials, data),
                        Mirrors.parse(config.mirrors().orElse(List.of())),
                        config.caFile()),
                registry,
                config.diskBudget().map(DataSize::parse).orElseGet(() -> halfOfDisk(data)));
    }

    private static DataSize halfOfDisk(Path data) {
        try {
            return new DataSize(Files.getFileStore(data).getTotalSpace() / 2);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Step step() {
        return Step.IMAGES;
    }

    @Override
    public void start() {
        cache = ImageCache.open(options, Clock.system());
    }

    @Override
    public void stop() {
        ImageCache open = cache;
        cache = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public ResolvedImage resolve(ProjectName project, String reference) {
        return cache().resolve(project, reference);
    }

    @Override
    public void prefetch(ResolvedImage image) {
        cache().prefetch(image);
    }

    @Override
    public StoredImage open(Digest manifest) {
        return cache().open(manifest);
    }

    @Override
    public StoredImage bring(ResolvedImage image) {
        return cache().bring(image);
    }

    @Override
    public void running(Supplier<Set<Digest>> digests) {
        cache().running(digests);
    }

    @Override
    public void serving(ServedImages images) {
        cache().serving(images);
    }

    @Override
    public ImagesView images() {
        return cache().images();
    }

    @Override
    public byte[] billOfMaterials(ProjectName project, String reference) {
        return cache().billOfMaterials(project, reference);
    }

    @Override
    public Pruned prune(Set<Digest> keep) {
        return cache().prune(keep);
    }

    @Override
    public List<PullView> pulls() {
        return cache().pulls();
    }

    @Override
    public void bound(RegistryBounds bounds) {
        cache().bound(bounds);
    }

    @Override
    public long registryBytes(ProjectName project) {
        return cache().registryBytes(project);
    }

    @Override
    public Optional<InetSocketAddress> registry() {
        ImageCache open = cache;
        return open == null ? Optional.empty() : open.registry();
    }

    private ImageCache cache() {
        ImageCache open = cache;
        if (open == null) {
            throw new HearthException(
                    ErrorKind.UNAVAILABLE,
                    "platform-stopping",
                    "the image cache is not running; try again when Hearth is ready");
        }
        return open;
    }
}
