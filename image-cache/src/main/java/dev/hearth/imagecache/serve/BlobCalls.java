package dev.hearth.imagecache.serve;

import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.serve.RegistryFault.Code;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The calls about blobs: look, fetch, push in one piece or in chunks, mount, delete. */
final class BlobCalls {
    private static final Pattern CONTENT_RANGE =
            Pattern.compile("(?:bytes )?(\\d{1,18})-(\\d{1,18})(?:/.*)?");
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    private final RegistryStore store;

    BlobCalls(RegistryStore store) {
        this.store = store;
    }

    void get(Call call, String repository, Digest digest) throws IOException {
        boolean asked = call.method().equals("HEAD");
        long size =
                (asked ? store.promise(repository, digest) : store.size(repository, digest))
                        .orElseThrow(() -> unknown(repository, digest));
        call.with("Docker-Content-Digest", digest.value())
                .with("Content-Type", "application/octet-stream")
                .with("Accept-Ranges", "bytes")
                .with("ETag", "\"" + digest + "\"");
        if (asked) {
            call.head(200, size);
            return;
        }
        Matcher range = RANGE.matcher(call.header("Range").orElse(""));
        if (!range.matches() || isInvalid(range)) {
            send(call, repository, digest, 200, 0, size);
            return;
        }
        boolean suffix = range.group(1).isEmpty();
        long from =
                suffix
                        ? Math.max(0, size - Long.parseLong(range.group(2)))
                        : Long.parseLong(range.group(1));
        long to =
                suffix || range.group(2).isEmpty()
                        ? size - 1
                        : Math.min(size - 1, Long.parseLong(range.group(2)));
        if (from > to) {
            call.with("Content-Range", "bytes */" + size).answer(416);
            return;
        }
        call.with("Content-Range", "bytes " + from + "-" + to + "/" + size);
        send(call, repository, digest, 206, from, to - from + 1);
    }

    /** Without a number, or backwards: as if it was not there (RFC 9110, section 14.1.1). */
    private static boolean isInvalid(Matcher range) {
        boolean noFirst = range.group(1).isEmpty();
        boolean noLast = range.group(2).isEmpty();
        return noFirst
                ? noLast
                : !noLast && Long.parseLong(range.group(1)) > Long.parseLong(range.group(2));
    }

    private void send(
            Call call, String repository, Digest digest, int status, long from, long bytes)
            throws IOException {
        InputStream blob;
        try {
            blob = store.blobs().open(digest, from);
        } catch (NoSuchFileException removedMeanwhile) {
            throw unknown(repository, digest);
        }
        try (blob) {
            call.stream(status, blob, bytes);
        }
    }

    private static RegistryFault unknown(String repository, Digest digest) {
        return new RegistryFault(Code.BLOB_UNKNOWN, repository + " has no blob " + digest);
    }

    void delete(Call call, String repository, Digest digest) throws IOException {
        if (!store.unlink(repository, digest)) {
            throw unknown(repository, digest);
        }
        call.answer(202);
    }

    /** POST: mounts a blob of another repository, takes one whole, or begins an upload. */
    void begin(Call call, String repository) throws IOException {
        Optional<String> mount = call.query("mount");
        Optional<String> from = call.query("from").filter(RegistryApi::isRepository);
        if (mount.isPresent() && from.isPresent()) {
            Digest blob = Call.digest(mount.get());
            if (store.mount(from.get(), repository, blob)) {
                created(call, repository, blob);
                return;
            }
        }
        Optional<Digest> whole = call.query("digest").map(Call::digest);
        Upload upload = store.uploads().begin(repository);
        if (whole.isPresent()) {
            boolean there = false;
            try {
                store.append(upload, call.body(), OptionalLong.empty());
                there = true;
            } finally {
                if (!there) {
                    store.uploads().cancel(upload); // nobody knows its id
                }
            }
            store.finish(upload, whole.get());
            created(call, repository, whole.get());
            return;
        }
        progress(call, upload).answer(202);
    }

    void append(Call call, String repository, String id) throws IOException {
        Upload upload = store.uploads().find(repository, id);
        try {
            store.append(upload, call.body(), start(call, upload));
        } catch (RegistryFault e) {
            if (e.status() == 416) {
                progress(call, upload);
            }
            throw e;
        }
        progress(call, upload).answer(202);
    }

    void finish(Call call, String repository, String id) throws IOException {
        Upload upload = store.uploads().find(repository, id);
        Digest digest =
                Call.digest(
                        call.query("digest")
                                .orElseThrow(
                                        () ->
                                                new RegistryFault(
                                                        Code.DIGEST_INVALID,
                                                        "the digest is missing: PUT …?digest=…")));
        store.append(upload, call.body(), start(call, upload));
        store.finish(upload, digest);
        created(call, repository, digest);
    }

    void status(Call call, String repository, String id) throws IOException {
        progress(call, store.uploads().find(repository, id)).answer(204);
    }

    void cancel(Call call, String repository, String id) throws IOException {
        store.uploads().cancel(store.uploads().find(repository, id));
        call.answer(204);
    }

    private static OptionalLong start(Call call, Upload upload) {
        Optional<String> range = call.header("Content-Range");
        if (range.isEmpty()) {
            return OptionalLong.empty();
        }
        Matcher m = CONTENT_RANGE.matcher(range.get());
        if (!m.matches()) {
            throw new RegistryFault(
                    Code.BLOB_UPLOAD_INVALID, 416, "Content-Range is not START-END");
        }
        long from = Long.parseLong(m.group(1));
        long to = Long.parseLong(m.group(2));
        if (from > to) {
            throw new RegistryFault(
                    Code.BLOB_UPLOAD_INVALID, 416, "Content-Range ends before it begins");
        }
        if (from == upload.size() // else what is wrong is that
                && call.contentLength().orElse(to - from + 1) != to - from + 1) {
            throw new RegistryFault(
                    Code.SIZE_INVALID, 400, "Content-Range and Content-Length are not of one size");
        }
        return OptionalLong.of(from);
    }

    private static Call progress(Call call, Upload upload) {
        return call.with("Location", "/v2/" + upload.repository() + "/blobs/uploads/" + upload.id())
                .with("Range", "0-" + Math.max(0, upload.size() - 1))
                .with("Docker-Upload-UUID", upload.id());
    }

    private static void created(Call call, String repository, Digest digest) throws IOException {
        call.with("Location", "/v2/" + repository + "/blobs/" + digest)
                .with("Docker-Content-Digest", digest.value())
                .answer(201);
    }
}
