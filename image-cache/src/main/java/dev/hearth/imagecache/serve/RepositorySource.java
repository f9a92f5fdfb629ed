package dev.hearth.imagecache.serve;

import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.manifest.Descriptor;
import dev.hearth.imagecache.manifest.Platform;
import dev.hearth.imagecache.reference.ImageReference;
import dev.hearth.imagecache.source.Failures;
import dev.hearth.imagecache.source.ImageSource;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** An image in the embedded registry, read from the disk it was pushed to. */
final class RepositorySource implements ImageSource {
    private final ImageReference.Registry reference;
    private final RegistryStore store;

    RepositorySource(ImageReference.Registry reference, RegistryStore store) {
        this.reference = reference;
        this.store = store;
    }

    @Override
    public Descriptor find(Platform platform) {
        String repository = reference.repository();
        try {
            Optional<Digest> wanted =
                    reference.digest().isPresent()
                            ? reference.digest()
                            : store.repositories().tagged(repository, reference.tag());
            if (wanted.isPresent()) {
                Optional<Repositories.Entry> entry =
                        store.repositories().find(repository, wanted.get());
                if (entry.isPresent()) {
                    return new Descriptor(
                            entry.get().mediaType(),
                            wanted.get(),
                            store.blobs().size(wanted.get()).orElse(0L),
                            Optional.empty(),
                            Optional.empty());
                }
            }
        } catch (IOException e) {
            throw Failures.unreadable(reference.toString(), e);
        }
        throw Failures.notFound(reference.toString(), "nobody has pushed it to this registry");
    }

    @Override
    public byte[] document(Digest digest) {
        try {
            if (store.repositories().find(reference.repository(), digest).isEmpty()) {
                throw Failures.notFound(
                        reference.toString(), "the registry has no manifest " + digest);
            }
            return store.blobs().read(digest);
        } catch (IOException e) {
            throw Failures.unreadable(reference.toString(), e);
        }
    }

    @Override
    public Optional<byte[]> tagged(String tag) {
        try {
            Optional<Digest> digest = store.repositories().tagged(reference.repository(), tag);
            return digest.isPresent()
                    ? Optional.of(store.blobs().read(digest.get()))
                    : Optional.empty();
        } catch (IOException e) {
            throw Failures.unreadable(reference.toString(), e);
        }
    }

    @Override
    public InputStream blob(Descriptor descriptor) {
        try {
            if (store.size(reference.repository(), descriptor.digest()).isEmpty()) {
                throw Failures.notFound(
                        reference.toString(),
                        "the registry has no " + descriptor.digest() + " of it; push it again");
            }
            return store.blobs().open(descriptor.digest(), 0);
        } catch (IOException e) {
            throw Failures.unreadable(reference.toString(), e);
        }
    }

    @Override
    public void close() {}
}
