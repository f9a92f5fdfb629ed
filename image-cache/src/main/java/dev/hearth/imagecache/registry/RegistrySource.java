package dev.hearth.imagecache.registry;

import dev.hearth.contracts.Digest;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.Deadline;
import dev.hearth.imagecache.manifest.Descriptor;
import dev.hearth.imagecache.manifest.Documents;
import dev.hearth.imagecache.manifest.MediaTypes;
import dev.hearth.imagecache.manifest.Platform;
import dev.hearth.imagecache.reference.ImageReference;
import dev.hearth.imagecache.source.Digests;
import dev.hearth.imagecache.source.Failures;
import dev.hearth.imagecache.source.ImageSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * An image in a registry, over the pull half of the <a
 * href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md">OCI distribution
 * API</a>. Layers that name other places to fetch them from ({@code urls}) are fetched from the
 * registry all the same.
 */
public final class RegistrySource implements ImageSource {
    private static final String ACCEPT = String.join(", ", MediaTypes.DOCUMENTS);

    private final ImageReference.Registry reference;
    private final RegistryCalls calls;
    private final Map<Digest, byte[]> fetched = new HashMap<>();

    public RegistrySource(
            ImageReference.Registry reference,
            RegistryHttp http,
            RegistryPolicy policy,
            DockerCredentials credentials,
            Deadline deadline) {
        this.reference = reference;
        this.calls = new RegistryCalls(reference, http, policy, credentials, deadline);
    }

    @Override
    public Descriptor find(Platform platform) {
        String wanted = reference.digest().map(Digest::value).orElse(reference.tag());
        HttpResponse<InputStream> response = calls.get("manifests/" + wanted, ACCEPT);
        byte[] document = body(response);
        String type =
                response.headers()
                        .firstValue("Content-Type")
                        .map(t -> t.split(";", 2)[0].strip())
                        .filter(t -> t.startsWith("application/vnd."))
                        .orElse("");
        // Under the digest that was asked for, not the one that came: the caller compares them.
        Digest digest = reference.digest().orElseGet(() -> Digests.of(document));
        fetched.put(digest, document);
        return new Descriptor(type, digest, document.length, Optional.empty(), Optional.empty());
    }

    @Override
    public byte[] document(Digest digest) {
        byte[] known = fetched.get(digest);
        return known != null ? known : body(calls.get("manifests/" + digest, ACCEPT));
    }

    @Override
    public Optional<byte[]> tagged(String tag) {
        try {
            return Optional.of(body(calls.get("manifests/" + tag, ACCEPT)));
        } catch (HearthException e) {
            if (e.kind() == ErrorKind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public InputStream blob(Descriptor descriptor) {
        HttpResponse<InputStream> response =
                calls.get("blobs/" + descriptor.digest(), "application/octet-stream, */*");
        return new RegistryStream(response.body(), reference);
    }

    private byte[] body(HttpResponse<InputStream> response) {
        try (InputStream in = new RegistryStream(response.body(), reference)) {
            byte[] document = in.readNBytes(Documents.MOST_BYTES + 1);
            if (document.length > Documents.MOST_BYTES) {
                throw Failures.corrupt(
                        reference.toString(),
                        "its manifest has more than " + Documents.MOST_BYTES + " bytes");
            }
            return document;
        } catch (IOException e) {
            throw unavailable(reference, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void close() {}

    /**
     * @param why what the registry did: "it was silent for 30 s"
     */
    static HearthException unavailable(
            ImageReference.Registry reference, String why, Exception cause) {
        return new HearthException(
                ErrorKind.UNAVAILABLE,
                "registry-unavailable",
                "registry "
                        + reference.host()
                        + " does not deliver image "
                        + reference
                        + ": "
                        + why
                        + "; check that it runs and can be reached from this node",
                cause);
    }
}
