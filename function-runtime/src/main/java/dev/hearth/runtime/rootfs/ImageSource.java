package dev.hearth.runtime.rootfs;

import dev.hearth.contracts.Digest;
import java.io.IOException;

/** Where unpacked images come from: the image cache, or a directory of a test's making. */
public interface ImageSource {
    /** The image with this manifest digest; throws NOT_FOUND when it is not on this node. */
    ContainerImage open(Digest digest) throws IOException;
}
