package dev.hearth.imagecache.registry;

import dev.hearth.imagecache.reference.ImageReference;
import java.net.URI;

/**
 * A server that an image is asked of: the registry that its reference names, or a mirror of it.
 *
 * @param image the image as that server names it: a mirror may keep it below a path of its own
 * @param base where the server's API is: {@code https://registry-1.docker.io/v2/}
 * @param mirror whether the operator named it as a mirror
 */
record Endpoint(ImageReference.Registry image, URI base, boolean mirror) {

    /**
     * @param path after the repository: {@code manifests/latest}
     */
    URI uri(String path) {
        return base.resolve(image.repository() + "/" + path);
    }

    /** Whether the address is one of this server itself, so that its log-in may go there. */
    boolean isAt(URI address) {
        return base.getScheme().equals(address.getScheme())
                && base.getAuthority().equals(address.getAuthority());
    }

    @Override
    public String toString() {
        return base.getScheme() + "://" + base.getAuthority();
    }
}
