package dev.hearth.imagecache.serve;

import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.Lookup;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.Descriptor;
import dev.hearth.imagecache.manifest.Documents;
import dev.hearth.imagecache.manifest.ImageManifest;
import dev.hearth.imagecache.manifest.Platform;
import dev.hearth.imagecache.serve.RegistryFault.Code;
import dev.hearth.imagecache.source.DockerArchiveSource;
import dev.hearth.imagecache.source.Failures;
import dev.hearth.imagecache.source.ImageSource;
import dev.hearth.imagecache.source.OciLayoutSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A call of Hearth's own beside the specification's: {@code POST /v2/_load?name=REPOSITORY} takes
 * an image archive, of {@code docker save}, {@code podman save} or a tar of an OCI layout, as if
 * its image had been pushed. It is what {@code hearth deploy --image FILE} sends.
 */
final class ArchiveCall {
    private static final String TAG = "latest";

    private final RegistryStore store;
    private final Acceptance acceptance;
    private final String host;

    /**
     * @param host that references to the registry begin with
     */
    ArchiveCall(RegistryStore store, Acceptance acceptance, String host) {
        this.store = store;
        this.acceptance = acceptance;
        this.host = host;
    }

    private record Loaded(String reference, String digest) {}

    void load(Call call) throws IOException {
        String repository =
                call.query("name")
                        .filter(RegistryApi::isRepository)
                        .orElseThrow(
                                () ->
                                        new RegistryFault(
                                                Code.NAME_INVALID,
                                                "say a repository's name: POST /v2/_load?name=…"));
        Upload archive = store.uploads().beginArchive(repository);
        try {
            store.append(archive, call.body(), OptionalLong.empty());
            Digest digest = take(repository, archive.file());
            call.json(200, new Loaded(host + "/" + repository + "@" + digest, digest.value()));
        } finally {
            store.uploads().cancel(archive);
        }
    }

    private Digest take(String repository, Path file) throws IOException {
        String name = "the archive for " + repository;
        try (ImageSource source = open(name, file)) {
            Lookup lookup = new Lookup(name, source, Platform.host());
            byte[] document = lookup.document(lookup.path().getLast());
            ImageManifest manifest = Documents.manifest(document);
            List<Descriptor> parts = new ArrayList<>(manifest.layers());
            parts.add(manifest.config());
            for (Descriptor part : parts) {
                copy(source, part, repository);
            }
            String type = Documents.typeOf(document, "");
            return acceptance.take(repository, document, type, Optional.of(TAG)).digest();
        } catch (BadDocumentException e) {
            throw Failures.corrupt(name, e);
        }
    }

    private static ImageSource open(String name, Path file) {
        Optional<OciLayoutSource> layout = OciLayoutSource.ifLayout(name, file);
        return layout.isPresent()
                ? layout.get()
                : new DockerArchiveSource(name, file, Optional.empty());
    }

    private void copy(ImageSource source, Descriptor part, String repository) throws IOException {
        if (store.size(repository, part.digest()).isPresent()) {
            return;
        }
        Upload upload = store.uploads().begin(repository);
        boolean whole = false;
        try (InputStream in = source.blob(part)) {
            store.append(upload, in, OptionalLong.empty());
            whole = true;
        } finally {
            if (!whole) {
                store.uploads().cancel(upload);
            }
        }
        store.finish(upload, part.digest());
    }
}
