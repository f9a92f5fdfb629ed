package dev.hearth.imagecache.manifest;

import java.util.List;
import java.util.Set;

/** The media types of OCI images and of Docker's schema 2, which differ in name only. */
public final class MediaTypes {
    public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    public static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
    public static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";
    public static final String DOCKER_MANIFEST =
            "application/vnd.docker.distribution.manifest.v2+json";
    public static final String DOCKER_LIST =
            "application/vnd.docker.distribution.manifest.list.v2+json";
    public static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
    public static final String DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar";

    /** What to ask a registry for. */
    public static final List<String> DOCUMENTS =
            List.of(OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST);

    private static final Set<String> LAYERS =
            Set.of(
                    OCI_LAYER,
                    OCI_LAYER + "+gzip",
                    OCI_LAYER + "+zstd",
                    DOCKER_LAYER,
                    DOCKER_LAYER + ".gzip",
                    DOCKER_LAYER + ".zstd");

    private MediaTypes() {}

    public static boolean isIndex(String type) {
        return type.equals(OCI_INDEX) || type.equals(DOCKER_LIST);
    }

    public static boolean isManifest(String type) {
        return type.equals(OCI_MANIFEST) || type.equals(DOCKER_MANIFEST);
    }

    public static boolean isConfig(String type) {
        return type.equals(OCI_CONFIG) || type.equals(DOCKER_CONFIG);
    }

    /** Whether it is a layer that can be unpacked; foreign (never pushed) layers are not. */
    public static boolean isLayer(String type) {
        return LAYERS.contains(type);
    }
}
