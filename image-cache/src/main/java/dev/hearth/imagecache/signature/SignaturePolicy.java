package dev.hearth.imagecache.signature;

import dev.hearth.contracts.Digest;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.Deadline;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.Descriptor;
import dev.hearth.imagecache.source.Digests;
import dev.hearth.imagecache.source.Failures;
import dev.hearth.imagecache.source.ImageSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rule of one project about signatures: while its directory of signers has keys, each image has
 * to be signed by one of them. The keys are read at every check, so that a new one works at once
 * and a removed one no more.
 *
 * @param signers the directory; see {@link Signers}
 */
public record SignaturePolicy(Path signers) {

    /**
     * Passes when no signature is demanded, or there is a good one of any of the digests.
     *
     * @param digests what the reference names first (an index, often) and last the manifest that it
     *     led to by digests: a signature on either vouches for the manifest
     * @throws HearthException INVALID {@code image-not-signed} or {@code bad-signature}; INTERNAL
     *     {@code signers-unreadable}
     */
    public void check(
            String reference, ImageSource source, List<Digest> digests, Deadline deadline) {
        List<SignerKey> keys = Signers.read(signers);
        if (keys.isEmpty()) {
            return;
        }
        Optional<String> fault = Optional.empty();
        for (Digest digest : digests.stream().distinct().toList()) {
            Optional<byte[]> manifest = source.tagged(ImageSignature.tag(digest));
            if (manifest.isPresent()) {
                Optional<String> bad =
                        new Check(reference, source, deadline, keys).fault(digest, manifest.get());
                if (bad.isEmpty()) {
                    return;
                }
                fault = fault.or(() -> bad);
            }
        }
        throw fault.map(why -> badSignature(reference, why, digests))
                .orElseGet(() -> notSigned(reference, digests));
    }

    private record Check(
            String reference, ImageSource source, Deadline deadline, List<SignerKey> keys) {

        /** What is wrong with all signatures of an image, or empty when one is good. */
        Optional<String> fault(Digest image, byte[] manifest) {
            List<ImageSignature> signatures;
            try {
                signatures = ImageSignature.all(manifest);
            } catch (BadDocumentException e) {
                return Optional.of(String.valueOf(e.getMessage()));
            }
            Map<Descriptor, Optional<byte[]>> payloads = new HashMap<>();
            String fault = "what is stored as its signature is none";
            for (ImageSignature one : signatures) {
                Optional<byte[]> payload = payloads.computeIfAbsent(one.payload(), this::payload);
                if (payload.isEmpty()) {
                    fault = "what its signature is over is missing or was altered";
                } else if (keys.stream().noneMatch(k -> k.signed(payload.get(), one.signature()))) {
                    fault = "its signature is by none of the project's signers";
                } else if (SignedPayload.isFor(image, payload.get())) {
                    return Optional.empty();
                } else {
                    fault = "its signature is for another image";
                }
            }
            return Optional.of(fault);
        }

        /** Empty when there are no bytes of that digest. */
        private Optional<byte[]> payload(Descriptor descriptor) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] buffer = new byte[8192];
            try (InputStream in = source.blob(descriptor)) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    deadline.check(reference);
                    out.write(buffer, 0, n);
                    if (out.size() > descriptor.size()) {
                        return Optional.empty();
                    }
                }
            } catch (IOException e) {
                throw Failures.unreadable(reference, e);
            } catch (HearthException e) {
                if (e.kind() == ErrorKind.NOT_FOUND || e.kind() == ErrorKind.INVALID) {
                    return Optional.empty();
                }
                throw e;
            }
            byte[] bytes = out.toByteArray();
            return Digests.of(bytes).equals(descriptor.digest())
                    ? Optional.of(bytes)
                    : Optional.empty();
        }
    }

    private static HearthException notSigned(String reference, List<Digest> digests) {
        return HearthException.invalid(
                "image-not-signed",
                "image "
                        + reference
                        + " has no signature, and this project runs only images that one of its"
                        + " signers signed; "
                        + remedy(digests));
    }

    private static HearthException badSignature(
            String reference, String why, List<Digest> digests) {
        return HearthException.invalid(
                "bad-signature",
                "image "
                        + reference
                        + " is not signed as this project demands: "
                        + why
                        + "; "
                        + remedy(digests));
    }

    /** The flags bring cosign 3 and newer to the form of signature that is read here. */
    private static String remedy(List<Digest> digests) {
        return "sign it in its registry with a signer's key: cosign sign --key FILE"
                + " --new-bundle-format=false --use-signing-config=false REPOSITORY@"
                + digests.getFirst();
    }
}
