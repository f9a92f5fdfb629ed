package dev.hearth.imagecache.app;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The keys {@code hearth.images.*}. Durations and sizes as the command line writes them. */
@ConfigMapping(prefix = "hearth.images")
public interface ImagesConfig {
    /** The most time to find out what a reference means. */
    @WithDefault("60s")
    String resolveTimeout();

    /** The most time to fetch and unpack one image. */
    @WithDefault("10m")
    String pullTimeout();

    /** Layers that are fetched and unpacked at once, over all images. */
    @WithDefault("3")
    int parallelLayers();

    /** The most files, directories and links in one layer. */
    @WithDefault("1000000")
    long layerEntries();

    /** The most bytes that one layer may unpack to. */
    @WithDefault("16Gi")
    String layerSize();

    /** Log-ins for registries; docker's and podman's files of Hearth's own user when absent. */
    Optional<Path> dockerConfig();

    /**
     * What unpacked layers and pushed blobs may take before images that nobody uses are evicted;
     * half of the file system when absent.
     */
    Optional<String> diskBudget();

    /** Whom to ask before a registry: {@code docker.io=https://mirror.example/hub,…}. */
    Optional<List<String>> mirrors();

    /** Certificates, PEM, of authorities to trust beside the JDK's own. */
    Optional<Path> caFile();
}
