package dev.hearth.imagecache;

import dev.hearth.contracts.Digest;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.ConfigFile;
import dev.hearth.imagecache.manifest.ConfigReader;
import dev.hearth.imagecache.manifest.Descriptor;
import dev.hearth.imagecache.manifest.Documents;
import dev.hearth.imagecache.manifest.ImageManifest;
import dev.hearth.imagecache.manifest.Platform;
import dev.hearth.imagecache.source.Digests;
import dev.hearth.imagecache.source.Failures;
import dev.hearth.imagecache.source.ImageSource;
import dev.hearth.imagecache.store.ImageRecords;
import dev.hearth.imagecache.store.LayerStore;
import dev.hearth.imagecache.unpack.BadLayerException;
import dev.hearth.imagecache.unpack.DigestStream;
import dev.hearth.imagecache.unpack.KernelException;
import dev.hearth.imagecache.unpack.LayerUnpacker;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One image on its way from a source to this node's disk. */
final class Pull {
    static final String DISK_FULL = "disk-full";

    /** What a layer may take past the deadline to notice it: one system call on a slow disk. */
    private static final Duration GRACE = Duration.ofSeconds(30);

    private final String reference;
    private final ImageSource source;
    private final Deadline deadline;
    private final LayerUnpacker unpacker;
    private final Progress progress;

    Pull(
            String reference,
            ImageSource source,
            Deadline deadline,
            LayerUnpacker unpacker,
            Progress progress) {
        this.progress = progress;
        this.reference = reference;
        this.source = source;
        this.deadline = deadline;
        this.unpacker = unpacker;
    }

    /** Fetches, verifies and unpacks what is missing, and makes the image known. */
    void run(Digest digest, ImageRecords images, LayerStore layers, ExecutorService workers) {
        byte[] document = new Lookup(reference, source, Platform.host()).document(digest);
        ImageManifest manifest = manifest(document);
        byte[] configDocument = configDocument(manifest.config());
        ConfigFile config = config(configDocument, manifest);
        progress.expect(
                manifest.layers().stream().mapToLong(Descriptor::size).sum(),
                manifest.layers().size());
        try (LayerStore.Hold held = layers.hold(config.diffIds())) {
            unpackLayers(manifest.layers(), config.diffIds(), layers, workers);
            images.add(digest, document, manifest.config().digest(), configDocument, config);
        } catch (IOException e) {
            throw onDisk(e);
        }
    }

    private ImageManifest manifest(byte[] document) {
        try {
            return Documents.manifest(document);
        } catch (BadDocumentException e) {
            throw Failures.corrupt(reference, e);
        }
    }

    private byte[] configDocument(Descriptor descriptor) {
        if (descriptor.size() > Documents.MOST_BYTES) {
            throw Failures.corrupt(
                    reference,
                    "its configuration has more than " + Documents.MOST_BYTES + " bytes");
        }
        byte[] document;
        try (InputStream in = source.blob(descriptor)) {
            document = in.readNBytes((int) descriptor.size() + 1);
        } catch (IOException e) {
            throw Failures.unreadable(reference, e);
        }
        if (document.length != descriptor.size()
                || !Digests.of(document).equals(descriptor.digest())) {
            throw Failures.wrongDigest(
                    reference,
                    "its configuration does not match its digest " + descriptor.digest());
        }
        return document;
    }

    private ConfigFile config(byte[] document, ImageManifest manifest) {
        ConfigFile config;
        try {
            config = ConfigReader.read(document);
        } catch (BadDocumentException e) {
            throw Failures.corrupt(reference, e);
        }
        if (config.diffIds().size() != manifest.layers().size()) {
            throw Failures.corrupt(
                    reference,
                    "its manifest has "
                            + manifest.layers().size()
                            + " layers, its configuration "
                            + config.diffIds().size());
        }
        if (!Platform.host().runs(config.platform())) {
            throw Failures.notFound(
                    reference,
                    "it is there, but for " + config.platform() + ", not " + Platform.host());
        }
        return config;
    }

    private void unpackLayers(
            List<Descriptor> blobs,
            List<Digest> diffIds,
            LayerStore layers,
            ExecutorService workers) {
        List<Future<?>> work = new ArrayList<>();
        List<HearthException> failures = new ArrayList<>();
        try {
            for (int i = 0; i < blobs.size(); i++) {
                Descriptor blob = blobs.get(i);
                Digest diffId = diffIds.get(i);
                if (layers.facts(diffId).isPresent()) {
                    progress.layerThere(blob.size());
                } else {
                    work.add(workers.submit(() -> unpackLayer(blob, diffId, layers)));
                }
            }
        } catch (RejectedExecutionException stopping) {
            failures.add(stopping());
            deadline.giveUp();
        }
        for (Future<?> one : work) {
            await(one).ifPresent(failures::add);
        }
        // After the first failure the others were given up; that first one says what is wrong.
        failures.stream()
                .filter(f -> !f.reason().equals(Deadline.GIVEN_UP))
                .findFirst()
                .or(() -> failures.stream().findFirst())
                .ifPresent(
                        f -> {
                            throw f;
                        });
    }

    /** Waits for one layer; a failure makes the other layers give up too. */
    private Optional<HearthException> await(Future<?> layer) {
        try {
            layer.get(deadline.left().plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
            return Optional.empty();
        } catch (ExecutionException e) {
            deadline.giveUp();
            return Optional.of(HearthException.from(e));
        } catch (CancellationException e) {
            return Optional.of(stopping());
        } catch (TimeoutException e) {
            deadline.giveUp();
            return Optional.of(
                    new HearthException(
                            ErrorKind.DEADLINE,
                            "pull-timeout",
                            "storing image "
                                    + reference
                                    + " does not end; check the disk of the data directory"));
        } catch (InterruptedException e) {
            deadline.giveUp();
            Thread.currentThread().interrupt();
            return Optional.of(stopping());
        }
    }

    private HearthException stopping() {
        return new HearthException(
                ErrorKind.UNAVAILABLE,
                "platform-stopping",
                "pulling image " + reference + " was given up because Hearth stops; deploy again");
    }

    private void unpackLayer(Descriptor blob, Digest diffId, LayerStore layers) {
        while (true) {
            try {
                deadline.check(reference);
                layers.ensure(diffId, directory -> fetchInto(directory, blob, diffId));
                progress.layerDone();
                return;
            } catch (BadLayerException e) {
                boolean wrong = e.fault() == BadLayerException.Fault.WRONG_DIGEST;
                if (!wrong || !source.distrust(blob)) {
                    throw badLayer(blob, e);
                }
            } catch (IOException e) {
                throw onDisk(e);
            }
        }
    }

    /** Streams the blob into the directory: hashed as it comes, decompressed, hashed, unpacked. */
    private LayerUnpacker.Unpacked fetchInto(Path directory, Descriptor blob, Digest diffId)
            throws IOException {
        try (InputStream raw =
                new DeadlineStream(progress.counting(source.blob(blob)), deadline, reference)) {
            DigestStream hashed =
                    new DigestStream(raw, blob.size(), BadLayerException.Fault.WRONG_DIGEST);
            LayerUnpacker.Unpacked unpacked;
            try {
                unpacked = unpacker.unpack(hashed, diffId, directory);
            } catch (BadLayerException e) {
                verify(hashed, blob); // a damaged blob is named as such, not by what it broke
                throw e;
            }
            verify(hashed, blob);
            return unpacked;
        }
    }

    private static void verify(DigestStream hashed, Descriptor blob) throws IOException {
        hashed.drain();
        if (hashed.count() != blob.size()) {
            throw new BadLayerException(
                    BadLayerException.Fault.WRONG_DIGEST,
                    "has " + hashed.count() + " bytes instead of " + blob.size());
        }
        hashed.verify(blob.digest(), "has content");
    }

    private HearthException badLayer(Descriptor blob, BadLayerException e) {
        String reason =
                switch (e.fault()) {
                    case CORRUPT -> "corrupt-layer";
                    case WRONG_DIGEST -> "wrong-digest";
                    case TOO_LARGE -> "image-too-large";
                };
        return new HearthException(
                ErrorKind.INVALID,
                reason,
                "image "
                        + reference
                        + " cannot be used: its layer "
                        + blob.digest()
                        + " "
                        + e.getMessage()
                        + "; build or push the image again",
                e);
    }

    private HearthException onDisk(IOException e) {
        boolean full =
                e instanceof KernelException k
                        ? k.isDiskFull()
                        : String.valueOf(e.getMessage())
                                .matches(".*(No space left|Disk quota exceeded).*");
        if (full) {
            return new HearthException(
                    ErrorKind.EXHAUSTED,
                    DISK_FULL,
                    "image "
                            + reference
                            + " cannot be stored: the disk of the data directory is"
                            + " full; free space there, with `hearth images --prune` for example,"
                            + " and try again",
                    e);
        }
        boolean right = e instanceof KernelException k && k.isNotPermitted();
        return new HearthException(
                ErrorKind.INTERNAL,
                "unpack-failed",
                "image "
                        + reference
                        + " cannot be stored ("
                        + e.getMessage()
                        + "); "
                        + (right ? "Hearth must run as root" : "check the data directory"),
                e);
    }
}
