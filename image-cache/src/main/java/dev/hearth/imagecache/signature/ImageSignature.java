package dev.hearth.imagecache.signature;

import dev.hearth.contracts.Digest;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.Descriptor;
import dev.hearth.imagecache.manifest.Json;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A signature of an image, as <a
 * href="https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md">cosign stores it</a>:
 * a layer of the manifest that the tag {@code sha256-HEX.sig} names.
 *
 * @param payload the blob that was signed
 * @param signature over the blob's bytes
 */
record ImageSignature(Descriptor payload, byte[] signature) {
    static final String PAYLOAD_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json";
    static final String ANNOTATION = "dev.cosignproject.cosign/signature";

    /** One a signer and release; more is somebody who wants to keep us busy. */
    static final int MOST = 64;

    static final int MOST_PAYLOAD_BYTES = 64 * 1024;
    private static final int MOST_SIGNATURE_CHARACTERS = 4096;

    private record RawLayer(
            @Nullable String mediaType,
            @Nullable String digest,
            @Nullable Long size,
            @Nullable Map<String, @Nullable String> annotations) {}

    private record RawManifest(@Nullable List<@Nullable RawLayer> layers) {}

    /** The tag under which the signatures of an image are, in its own repository. */
    static String tag(Digest image) {
        return "sha256-" + image.hex() + ".sig";
    }

    /** The signatures in a manifest; layers of other types are not ours and passed over. */
    static List<ImageSignature> all(byte[] manifest) throws BadDocumentException {
        RawManifest raw = Json.read(manifest, RawManifest.class, "signature's manifest");
        List<@Nullable RawLayer> layers = raw.layers == null ? List.of() : raw.layers;
        if (layers.size() > MOST) {
            throw new BadDocumentException("it has more than " + MOST + " signatures");
        }
        List<ImageSignature> all = new ArrayList<>();
        for (RawLayer layer : layers) {
            if (layer != null && PAYLOAD_TYPE.equals(layer.mediaType)) {
                one(layer).ifPresent(all::add);
            }
        }
        return List.copyOf(all);
    }

    /** Empty when it is so damaged that it cannot be one; another may still be good. */
    private static Optional<ImageSignature> one(RawLayer layer) {
        String signature = layer.annotations == null ? null : layer.annotations.get(ANNOTATION);
        if (signature == null
                || signature.length() > MOST_SIGNATURE_CHARACTERS
                || layer.digest == null
                || layer.mediaType == null
                || layer.size == null
                || layer.size < 1
                || layer.size > MOST_PAYLOAD_BYTES) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new ImageSignature(
                            new Descriptor(layer.mediaType, new Digest(layer.digest), layer.size),
                            Base64.getDecoder().decode(signature)));
        } catch (HearthException | IllegalArgumentException damaged) {
            return Optional.empty();
        }
    }
}
