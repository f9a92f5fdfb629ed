package dev.hearth.imagecache.registry;

import dev.hearth.contracts.Digest;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.Deadline;
import dev.hearth.imagecache.manifest.Descriptor;
import dev.hearth.imagecache.manifest.Documents;
import dev.hearth.imagecache.manifest.Platform;
import dev.hearth.imagecache.reference.ImageReference;
import dev.hearth.imagecache.source.Digests;
import dev.hearth.imagecache.source.Failures;
import dev.hearth.imagecache.source.ImageSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An image in a registry, over the pull half of the <a
 * href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md">OCI distribution
 * API</a>. Layers that name other places to fetch them from ({@code urls}) are fetched from the
 * registry all the same.
 *
 * <p>Mirrors are asked first. What a tag means they may say; what has a digest they may not change:
 * a mirror that does is passed over.
 */
public final class RegistrySource implements ImageSource {
    private final ImageReference.Registry reference;
    private final Places places;
    private final Map<Digest, byte[]> fetched = new HashMap<>();
    private final Map<Digest, Set<RegistryCalls>> served = new ConcurrentHashMap<>();

    public RegistrySource(
            ImageReference.Registry reference,
            RegistryHttp http,
            RegistryOptions options,
            Deadline deadline) {
        this(reference, http, options, deadline, Patience.DEFAULT);
    }

    RegistrySource(
            ImageReference.Registry reference,
            RegistryHttp http,
            RegistryOptions options,
            Deadline deadline,
            Patience patience) {
        this.reference = reference;
        List<RegistryCalls> mirrors =
                options.mirrors().of(reference).stream()
                        .map(e -> calls(e, http, options, deadline, patience))
                        .toList();
        Endpoint registry = options.policy().registry(reference);
        this.places = new Places(mirrors, calls(registry, http, options, deadline, patience));
    }

    private static RegistryCalls calls(
            Endpoint endpoint,
            RegistryHttp http,
            RegistryOptions options,
            Deadline deadline,
            Patience patience) {
        return new RegistryCalls(
                endpoint,
                new AuthorizedHttp(endpoint, http, options, deadline),
                deadline,
                patience);
    }

    @Override
    public Descriptor find(Platform platform) {
        RegistryCalls.Document document =
                reference
                        .digest()
                        .map(this::fetch)
                        .orElseGet(
                                () -> places.ask(place -> tagged(place.document(reference.tag()))));
        String type =
                document.headers()
                        .firstValue("Content-Type")
                        .map(t -> t.split(";", 2)[0].strip())
                        .filter(t -> t.startsWith("application/vnd."))
                        .orElse("");
        // Under the digest that was asked for, not the one that came: the caller compares them.
        byte[] bytes = document.bytes();
        Digest digest = reference.digest().orElseGet(() -> Digests.of(bytes));
        fetched.put(digest, bytes);
        return new Descriptor(type, digest, bytes.length, Optional.empty(), Optional.empty());
    }

    /** A tag's document, which must be what the server itself says that it is. */
    private RegistryCalls.Document tagged(RegistryCalls.Document document) {
        Digest actual = Digests.of(document.bytes());
        document.headers()
                .firstValue("Docker-Content-Digest")
                .filter(said -> said.startsWith("sha256:") && !said.equals(actual.value()))
                .ifPresent(
                        said -> {
                            throw Failures.wrongDigest(
                                    reference.toString(),
                                    "its manifest hashes to "
                                            + actual
                                            + ", which is not the digest that the registry says");
                        });
        return document;
    }

    @Override
    public byte[] document(Digest digest) {
        byte[] known = fetched.get(digest);
        return known != null ? known : fetch(digest).bytes();
    }

    private RegistryCalls.Document fetch(Digest digest) {
        return places.ask(
                place -> {
                    RegistryCalls.Document document = place.document(digest.value());
                    if (place.endpoint().mirror() && !Digests.of(document.bytes()).equals(digest)) {
                        throw lied(digest);
                    }
                    return document;
                });
    }

    @Override
    public Optional<byte[]> tagged(String tag) {
        try {
            return Optional.of(places.ask(place -> place.document(tag)).bytes());
        } catch (HearthException e) {
            if (e.kind() == ErrorKind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public InputStream blob(Descriptor descriptor) {
        boolean small = descriptor.size() <= Documents.MOST_BYTES;
        return small && places.current().endpoint().mirror() ? whole(descriptor) : open(descriptor);
    }

    private InputStream open(Descriptor descriptor) {
        Set<RegistryCalls> servers =
                served.computeIfAbsent(descriptor.digest(), d -> ConcurrentHashMap.newKeySet());
        return new ResumingBlob(places, descriptor, servers::add);
    }

    /** A small blob is looked at before anybody uses it, so that a mirror's lie costs nothing. */
    private InputStream whole(Descriptor descriptor) {
        while (true) {
            byte[] bytes;
            try (InputStream in = open(descriptor)) {
                bytes = in.readNBytes((int) descriptor.size() + 1);
            } catch (IOException e) {
                throw unavailable(reference, String.valueOf(e.getMessage()), e);
            }
            if (Digests.of(bytes).equals(descriptor.digest()) || !distrust(descriptor)) {
                return new ByteArrayInputStream(bytes);
            }
        }
    }

    @Override
    public boolean distrust(Descriptor blob) {
        Set<RegistryCalls> servers =
                Optional.ofNullable(served.remove(blob.digest())).orElse(Set.of());
        boolean lied = false;
        for (RegistryCalls server : servers) {
            if (server.endpoint().mirror()) {
                places.passOver(server, lied(blob.digest()));
                lied = true;
            }
        }
        return lied;
    }

    private HearthException lied(Digest digest) {
        return Failures.wrongDigest(reference.toString(), "it sends something else for " + digest);
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
