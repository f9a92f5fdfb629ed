package dev.hearth.imagecache.registry;

import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.Deadline;
import dev.hearth.imagecache.manifest.Documents;
import dev.hearth.imagecache.manifest.MediaTypes;
import dev.hearth.imagecache.source.Failures;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.util.Set;

/**
 * What is asked of one server for one image: documents and blobs. A server that stumbles is asked
 * again. Several threads may call.
 */
final class RegistryCalls {
    private static final String ACCEPT_DOCUMENT = String.join(", ", MediaTypes.DOCUMENTS);
    private static final String ACCEPT_BLOB = "application/octet-stream, */*";

    private final Endpoint endpoint;
    private final AuthorizedHttp http;
    private final Deadline deadline;
    private final Patience patience;

    RegistryCalls(Endpoint endpoint, AuthorizedHttp http, Deadline deadline, Patience patience) {
        this.endpoint = endpoint;
        this.http = http;
        this.deadline = deadline;
        this.patience = patience;
    }

    /** A manifest or an index, and what came with it. */
    record Document(byte[] bytes, HttpHeaders headers) {}

    Endpoint endpoint() {
        return endpoint;
    }

    /** Throws when the pull is over. */
    void checkDeadline() {
        deadline.check(endpoint.image().toString());
    }

    /** For one blob; a mirror, beside which there is another place, is given up sooner. */
    Attempts blobAttempts() {
        return new Attempts(
                endpoint,
                deadline,
                patience.withRetries(
                        endpoint.mirror() ? Patience.DOCUMENT_RETRIES : Patience.BLOB_RETRIES));
    }

    /**
     * @param name a tag or a digest
     */
    Document document(String name) {
        Attempts attempts =
                new Attempts(
                        endpoint,
                        deadline,
                        patience.withRetries(endpoint.mirror() ? 0 : Patience.DOCUMENT_RETRIES));
        while (true) {
            HttpResponse<InputStream> response =
                    get("manifests/" + name, attempts, Set.of(200), "Accept", ACCEPT_DOCUMENT);
            try (InputStream in = response.body()) {
                byte[] bytes = in.readNBytes(Documents.MOST_BYTES + 1);
                if (bytes.length > Documents.MOST_BYTES) {
                    throw Failures.corrupt(
                            endpoint.image().toString(),
                            "its manifest has more than " + Documents.MOST_BYTES + " bytes");
                }
                return new Document(bytes, response.headers());
            } catch (IOException e) {
                attempts.failed(e);
            }
        }
    }

    /** The response, of status 200; the caller closes its body. */
    HttpResponse<InputStream> blob(String digest, Attempts attempts) {
        return get("blobs/" + digest, attempts, Set.of(200), "Accept", ACCEPT_BLOB);
    }

    /**
     * As {@link #blob}, asked for a part: of status 206, or 200 or 416 when it is not to be had.
     *
     * @param conditions more headers, names and values by turns
     */
    HttpResponse<InputStream> blobFrom(
            String digest, long offset, Attempts attempts, String... conditions) {
        String[] headers = new String[4 + conditions.length];
        headers[0] = "Accept";
        headers[1] = ACCEPT_BLOB;
        headers[2] = "Range";
        headers[3] = "bytes=" + offset + "-";
        System.arraycopy(conditions, 0, headers, 4, conditions.length);
        return get("blobs/" + digest, attempts, Set.of(200, 206, 416), headers);
    }

    private HttpResponse<InputStream> get(
            String path, Attempts attempts, Set<Integer> wanted, String... headers) {
        while (true) {
            checkDeadline();
            try {
                HttpResponse<InputStream> response = http.get(endpoint.uri(path), headers);
                if (wanted.contains(response.statusCode())) {
                    return response;
                }
                response.body().close();
                if (!BusyException.isPassing(response.statusCode())) {
                    throw refused(path, response.statusCode());
                }
                attempts.failed(new BusyException("it", response));
            } catch (IOException e) {
                attempts.failed(e);
            } catch (RegistryPolicy.RefusedException e) {
                throw RegistrySource.unavailable(
                        endpoint.image(), String.valueOf(e.getMessage()), e);
            }
        }
    }

    private HearthException refused(String path, int status) {
        String reference = endpoint.image().toString();
        return switch (status) {
            case 404 ->
                    Failures.notFound(
                            reference,
                            path.startsWith("blobs/")
                                    ? "the registry lacks a part of it, " + path
                                    : "the registry has no such image");
            case 401, 403 ->
                    Failures.notFound(
                            reference,
                            "the registry does not show it; check the name, or log in with docker"
                                    + " login or podman login as the user that Hearth runs as");
            default ->
                    RegistrySource.unavailable(
                            endpoint.image(),
                            "it answers with status " + status,
                            new IOException("status " + status));
        };
    }
}
