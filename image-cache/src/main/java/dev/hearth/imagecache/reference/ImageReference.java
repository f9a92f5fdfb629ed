package dev.hearth.imagecache.reference;

import dev.hearth.contracts.Digest;
import java.nio.file.Path;
import java.util.Optional;

/** Where an image is to be found, as its user wrote it. */
public sealed interface ImageReference {

    /** A directory in the OCI image layout: {@code oci:DIR[:tag]}. */
    record OciLayout(Path directory, Optional<String> tag) implements ImageReference {
        @Override
        public String toString() {
            return "oci:" + directory + suffix(tag);
        }
    }

    /** The same as one tar file: {@code oci-archive:FILE[:tag]}. */
    record OciArchive(Path file, Optional<String> tag) implements ImageReference {
        @Override
        public String toString() {
            return "oci-archive:" + file + suffix(tag);
        }
    }

    /**
     * What {@code docker save} writes: {@code docker-archive:FILE[:tag]}.
     *
     * @param tag the image's name and tag in the file, or its tag alone
     */
    record DockerArchive(Path file, Optional<String> tag) implements ImageReference {
        @Override
        public String toString() {
            return "docker-archive:" + file + suffix(tag);
        }
    }

    /**
     * A repository of a registry: {@code host[:port]/repository[:tag][@digest]}.
     *
     * @param host with its port where it is not the scheme's own
     * @param digest wins over the tag
     */
    record Registry(String host, String repository, String tag, Optional<Digest> digest)
            implements ImageReference {
        /** The host without its port; an IPv6 address without its brackets. */
        public String hostName() {
            if (host.startsWith("[")) {
                return host.substring(1, host.indexOf(']'));
            }
            int colon = host.lastIndexOf(':');
            return colon < 0 ? host : host.substring(0, colon);
        }

        @Override
        public String toString() {
            return host + "/" + repository + ":" + tag + digest.map(d -> "@" + d).orElse("");
        }
    }

    private static String suffix(Optional<String> tag) {
        return tag.map(t -> ":" + t).orElse("");
    }
}
