package dev.hearth.imagecache.signature;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.Json;
import org.jspecify.annotations.Nullable;

/**
 * What a signature is over: the <a
 * href="https://github.com/containers/image/blob/main/docs/containers-signature.5.md">simple
 * signing</a> document that names the image's digest. The repository in it is not compared, as
 * cosign does not either: an image may be mirrored.
 */
final class SignedPayload {
    private static final String TYPE = "cosign container image signature";

    private SignedPayload() {}

    private record Image(@JsonProperty("docker-manifest-digest") @Nullable String digest) {}

    private record Critical(@Nullable String type, @Nullable Image image) {}

    private record Raw(@Nullable Critical critical) {}

    /** Whether it says that this very image is signed. */
    static boolean isFor(Digest image, byte[] payload) {
        try {
            Critical critical = Json.read(payload, Raw.class, "signed payload").critical;
            return critical != null
                    && TYPE.equals(critical.type)
                    && critical.image != null
                    && image.value().equals(critical.image.digest);
        } catch (BadDocumentException notAPayload) {
            return false;
        }
    }
}
