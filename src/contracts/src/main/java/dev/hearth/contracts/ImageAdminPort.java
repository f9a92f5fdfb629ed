package dev.hearth.contracts;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What operators ask of this node's image cache, and where its registry listens. */
public interface ImageAdminPort {
    /**
     * An image that is unpacked on this node.
     *
     * @param references that it was pulled or pushed by, the newest first
     * @param bytes of all its layers' files
     * @param sharedBytes of those layers that other images have as well
     * @param running whether an instance runs it now
     */
    record ImageView(
            Digest digest,
            List<String> references,
            long bytes,
            long sharedBytes,
            Instant lastUsed,
            boolean running) {}

    /**
     * What the cache holds.
     *
     * @param layerBytes on disk of all unpacked layers, each counted once
     * @param registryBytes of what was pushed, as it was pushed
     * @param budgetBytes that both together are kept to, by evicting what was not used longest
     */
    record ImagesView(
            List<ImageView> images, long layerBytes, long registryBytes, long budgetBytes) {}

    /** A pull that is under way. */
    record PullView(String reference, long bytes, long totalBytes, int layers, int totalLayers) {}

    /** What {@link #prune} removed: images, and bytes of layers and pushed blobs. */
    record Pruned(int images, long bytes) {}

    /** Blocks on disk. */
    ImagesView images();

    /**
     * Removes the images that are not among {@code keep}, not running, and were not used in the
     * last minute; and of what was pushed, what has no tag. Blocks on disk.
     */
    Pruned prune(Set<Digest> keep);

    /**
     * The packages in an image, as CycloneDX JSON in UTF-8; pulls the image, with a project's
     * log-ins, if it is not here. Blocks.
     *
     * @throws HearthException as {@link ImagePort#resolve} and {@link ImagePort#prefetch}
     */
    byte[] billOfMaterials(ProjectName project, String reference);

    /** The pulls under way. */
    List<PullView> pulls();

    /** From now on no push goes beyond these bounds. */
    void bound(RegistryBounds bounds);

    /**
     * Octets of a project's repositories in the registry, and of what is being pushed to them:
     * layers, configurations and manifests as they were pushed, each once however many of the
     * repositories show it, in whole blocks of 4 KiB, and a block for each tag and for each of them
     * in each repository. What other projects have of it counts for them as well. Blocks on disk.
     */
    long registryBytes(ProjectName project);

    /** Where the registry listens, for the gateway to forward to; empty while it does not. */
    Optional<InetSocketAddress> registry();
}
