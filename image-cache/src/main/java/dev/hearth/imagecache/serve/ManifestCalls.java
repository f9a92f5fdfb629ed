package dev.hearth.imagecache.serve;

import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.manifest.Documents;
import dev.hearth.imagecache.serve.RegistryFault.Code;
import dev.hearth.imagecache.source.Digests;
import java.io.IOException;
import java.util.Optional;

/** The calls about manifests: fetch, push, delete; by tag or by digest. */
final class ManifestCalls {
    private final RegistryStore store;
    private final Acceptance acceptance;

    ManifestCalls(RegistryStore store, Acceptance acceptance) {
        this.store = store;
        this.acceptance = acceptance;
    }

    void get(Call call, String repository, String wanted) throws IOException {
        Repositories.Entry entry = find(repository, wanted);
        call.with("Docker-Content-Digest", entry.digest().value())
                .with("ETag", "\"" + entry.digest() + "\"")
                .answer(200, entry.mediaType(), store.blobs().read(entry.digest()));
    }

    void put(Call call, String repository, String name) throws IOException {
        byte[] document = call.body().readNBytes(Documents.MOST_BYTES + 1);
        if (document.length > Documents.MOST_BYTES) {
            throw new RegistryFault(
                    Code.MANIFEST_INVALID,
                    413,
                    "the manifest has more than " + Documents.MOST_BYTES + " bytes");
        }
        Digest digest = Digests.of(document);
        Optional<String> tag = isDigest(name) ? Optional.empty() : Optional.of(tag(name));
        if (tag.isEmpty() && !Call.digest(name).equals(digest)) {
            throw new RegistryFault(
                    Code.DIGEST_INVALID, "the manifest's digest is " + digest + ", not " + name);
        }
        String type = call.header("Content-Type").orElse("").split(";", 2)[0].strip();
        Acceptance.Accepted accepted = acceptance.take(repository, document, type, tag);
        accepted.subject().ifPresent(subject -> call.with("OCI-Subject", subject.value()));
        call.with("Location", "/v2/" + repository + "/manifests/" + digest)
                .with("Docker-Content-Digest", digest.value())
                .answer(201);
    }

    void delete(Call call, String repository, String name) throws IOException {
        boolean there =
                isDigest(name)
                        ? store.delete(repository, Call.digest(name))
                        : store.untag(repository, tag(name));
        if (!there) {
            throw unknown(repository, name);
        }
        call.answer(202);
    }

    private Repositories.Entry find(String repository, String wanted) throws IOException {
        Optional<Digest> digest =
                isDigest(wanted)
                        ? Optional.of(Call.digest(wanted))
                        : store.repositories().tagged(repository, tag(wanted));
        if (digest.isPresent()) {
            Optional<Repositories.Entry> entry =
                    store.repositories().find(repository, digest.get());
            if (entry.isPresent()) {
                return entry.get();
            }
        }
        if (!store.repositories().exists(repository)) {
            throw new RegistryFault(Code.NAME_UNKNOWN, "there is no repository " + repository);
        }
        throw unknown(repository, wanted);
    }

    private static RegistryFault unknown(String repository, String name) {
        return new RegistryFault(
                Code.MANIFEST_UNKNOWN, repository + " has no manifest \"" + name + "\"");
    }

    private static boolean isDigest(String name) {
        return name.contains(":");
    }

    private static String tag(String name) {
        if (!RegistryApi.isTag(name)) {
            throw new RegistryFault(
                    Code.MANIFEST_INVALID,
                    "\"" + name + "\" is not a tag: a letter, digit or _ and 127 of those, . or -");
        }
        return name;
    }
}
