package dev.hearth.imagecache.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.reference.ReferenceParser;
import dev.hearth.imagecache.serve.RegistryFault.Code;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * The <a
 * href="https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#endpoints">OCI
 * distribution API</a>, version 1.1: finds out what is asked and by whom, and lets the calls
 * answer.
 */
final class RegistryApi implements HttpHandler {
    private static final Logger LOG = Logger.getLogger(RegistryApi.class);
    private static final Pattern MANIFEST = Pattern.compile("/v2/(.+)/manifests/([^/]+)");
    private static final Pattern UPLOADS = Pattern.compile("/v2/(.+)/blobs/uploads/?");
    private static final Pattern UPLOAD = Pattern.compile("/v2/(.+)/blobs/uploads/([^/]+)");
    private static final Pattern BLOB = Pattern.compile("/v2/(.+)/blobs/([^/]+)");
    private static final Pattern TAGS = Pattern.compile("/v2/(.+)/tags/list");
    private static final Pattern REFERRERS = Pattern.compile("/v2/(.+)/referrers/([^/]+)");

    private final RegistryAccess access;
    private final BlobCalls blobs;
    private final ManifestCalls manifests;
    private final ListCalls lists;
    private final ArchiveCall archives;
    private final StallWatch watch;
    private final CallPlaces places;

    RegistryApi(
            RegistryAccess access,
            BlobCalls blobs,
            ManifestCalls manifests,
            ListCalls lists,
            ArchiveCall archives,
            StallWatch watch,
            CallPlaces places) {
        this.access = access;
        this.blobs = blobs;
        this.manifests = manifests;
        this.lists = lists;
        this.archives = archives;
        this.watch = watch;
        this.places = places;
    }

    static boolean isRepository(String name) {
        return ReferenceParser.isRepository(name);
    }

    static boolean isTag(String name) {
        return ReferenceParser.isTag(name);
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        Call call = new Call(exchange, watch);
        try {
            call.with("Docker-Distribution-API-Version", "registry/2.0");
            guarded(
                    call,
                    () -> {
                        authorize(call); // before anything of the caller's takes a place
                        places.run(() -> guarded(call, () -> answer(call)));
                    });
        } finally {
            call.end();
        }
    }

    private interface Answering {
        void run() throws IOException;
    }

    private static void guarded(Call call, Answering answering) throws IOException {
        try {
            answering.run();
        } catch (RegistryFault e) {
            call.fail(e);
        } catch (HearthException e) {
            call.fail(fault(e));
        } catch (IOException e) {
            call.fail(fault(call, e));
        } catch (RuntimeException e) {
            LOG.errorf(e, "%s %s failed", call.method(), call.path());
            call.fail(failed());
        }
    }

    /** What unpacking has against an image, in the registry's words. */
    private static RegistryFault fault(HearthException e) {
        if (e.kind() == ErrorKind.EXHAUSTED && e.reason().equals("disk-full")) {
            return new RegistryFault(Code.UNKNOWN, 507, e.sentence());
        }
        return e.kind().isCallersFault()
                ? new RegistryFault(Code.MANIFEST_INVALID, e.sentence())
                : new RegistryFault(Code.UNKNOWN, e.kind().httpStatus(), e.sentence());
    }

    /** The disk's fault, or that of a client that broke off and will not read the answer. */
    private static RegistryFault fault(Call call, IOException e) {
        if (String.valueOf(e.getMessage()).contains("No space left")) {
            return new RegistryFault(
                    Code.UNKNOWN,
                    507,
                    "the disk of the data directory is full; free space there, with `hearth images"
                            + " --prune` for example, and push again");
        }
        LOG.infof("%s %s broke off: %s", call.method(), call.path(), e);
        return failed();
    }

    /** Without the reason, which may name paths of this machine: that is in the log. */
    private static RegistryFault failed() {
        return new RegistryFault(
                Code.UNKNOWN,
                "the request was cut off or the registry failed; push again, and look into its log");
    }

    private void authorize(Call call) {
        if (!access.allows(call.header("Authorization"))) {
            call.with("WWW-Authenticate", "Basic realm=\"Hearth\", charset=\"UTF-8\"");
            throw new RegistryFault(
                    Code.UNAUTHORIZED,
                    "log in with any user name and the project's token as the password");
        }
    }

    private void answer(Call call) throws IOException {
        String path = call.path();
        String method = call.method();
        if (path.equals("/v2/") || path.equals("/v2")) {
            call.json(200, new Empty());
            return;
        }
        if (path.equals("/v2/_catalog") && method.equals("GET")) {
            lists.catalog(call);
            return;
        }
        if (path.equals("/v2/_load") && method.equals("POST")) {
            archives.load(call);
            return;
        }
        Matcher m = MANIFEST.matcher(path);
        if (m.matches()) {
            manifest(call, repository(m), m.group(2));
            return;
        }
        m = UPLOADS.matcher(path);
        if (m.matches() && method.equals("POST")) {
            blobs.begin(call, repository(m));
            return;
        }
        m = UPLOAD.matcher(path);
        if (m.matches()) {
            upload(call, repository(m), m.group(2));
            return;
        }
        m = BLOB.matcher(path);
        if (m.matches()) {
            blob(call, repository(m), m.group(2));
            return;
        }
        m = TAGS.matcher(path);
        if (m.matches() && method.equals("GET")) {
            lists.tags(call, repository(m));
            return;
        }
        m = REFERRERS.matcher(path);
        if (m.matches() && method.equals("GET")) {
            lists.referrers(call, repository(m), Call.digest(m.group(2)));
            return;
        }
        throw unsupported(call);
    }

    private record Empty() {}

    private void manifest(Call call, String repository, String name) throws IOException {
        switch (call.method()) {
            case "GET", "HEAD" -> manifests.get(call, repository, name);
            case "PUT" -> manifests.put(call, repository, name);
            case "DELETE" -> manifests.delete(call, repository, name);
            default -> throw unsupported(call);
        }
    }

    private void blob(Call call, String repository, String digest) throws IOException {
        switch (call.method()) {
            case "GET", "HEAD" -> blobs.get(call, repository, Call.digest(digest));
            case "DELETE" -> blobs.delete(call, repository, Call.digest(digest));
            default -> throw unsupported(call);
        }
    }

    private void upload(Call call, String repository, String id) throws IOException {
        switch (call.method()) {
            case "GET" -> blobs.status(call, repository, id);
            case "PATCH" -> blobs.append(call, repository, id);
            case "PUT" -> blobs.finish(call, repository, id);
            case "DELETE" -> blobs.cancel(call, repository, id);
            default -> throw unsupported(call);
        }
    }

    private static String repository(Matcher path) {
        String name = path.group(1);
        if (!isRepository(name)) {
            throw new RegistryFault(
                    Code.NAME_INVALID,
                    "a repository's name is lower-case words joined by / . _ or -, 255 characters"
                            + " at most");
        }
        return name;
    }

    private static RegistryFault unsupported(Call call) {
        return new RegistryFault(
                Code.UNSUPPORTED,
                404,
                call.method() + " of this path is not part of the registry's API");
    }
}
