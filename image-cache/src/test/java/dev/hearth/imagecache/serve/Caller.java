package dev.hearth.imagecache.serve;

import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.source.Digests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** A client that may ask the registry for anything, in one repository. */
final class Caller implements AutoCloseable {
    static final String TOKEN = "7d1f0c3a9b";
    static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

    private final HttpClient client = HttpClient.newHttpClient();
    private final InetSocketAddress address;
    private final String repository;

    Caller(InetSocketAddress address, String repository) {
        this.address = address;
        this.repository = repository;
    }

    static EmbeddedRegistry.Settings settings(long mostBlobBytes) {
        return new EmbeddedRegistry.Settings(List.of("localhost:8080"), TOKEN, mostBlobBytes);
    }

    /** The same client in another repository. */
    Caller in(String other) {
        return new Caller(address, other);
    }

    /** A request to a path below the repository, or to one that begins with {@code /}. */
    HttpRequest.Builder request(String path) {
        String full = path.startsWith("/") ? path : "/v2/" + repository + "/" + path;
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + full))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + TOKEN);
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return client.send(
                    request.build(),
                    HttpResponse.BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    HttpResponse<String> get(String path) {
        return send(request(path));
    }

    HttpResponse<String> call(String method, String path, byte[] body) {
        return send(request(path).method(method, HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    HttpResponse<String> manifest(String name, byte[] document) {
        return send(
                request("manifests/" + name)
                        .header("Content-Type", MANIFEST)
                        .PUT(HttpRequest.BodyPublishers.ofByteArray(document)));
    }

    /** Begins an upload and gives its path. */
    String begin() {
        return call("POST", "blobs/uploads/", new byte[0])
                .headers()
                .firstValue("Location")
                .orElseThrow();
    }

    Digest push(byte[] blob) {
        Digest digest = Digests.of(blob);
        HttpResponse<String> answer = call("POST", "blobs/uploads/?digest=" + digest, blob);
        if (answer.statusCode() != 201) {
            throw new AssertionError(answer + answer.body());
        }
        return digest;
    }

    /** A connection on which anything can be written. */
    Socket connect() throws IOException {
        Socket socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout(60_000);
        return socket;
    }

    /** Sends a request's head with a length, and only the first bytes of the body. */
    Socket halfSent(String method, String path, String token, long length, byte[] first)
            throws IOException {
        Socket socket = connect();
        String head =
                method
                        + " "
                        + path
                        + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                        + token
                        + "\r\nContent-Length: "
                        + length
                        + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(first);
        return socket;
    }

    /** The files below a directory of the registry. */
    static List<Path> files(Path data, String directory) {
        Path top = data.resolve("registry").resolve(directory);
        try (Stream<Path> all = Files.walk(top)) {
            return all.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
