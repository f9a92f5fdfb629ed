package dev.hearth.imagecache.registry;

import java.io.IOException;
import java.net.ProtocolException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * The JDK's HTTP client, replaced after an answer that was no HTTP. JDK 25 leaves the connection of
 * such an answer (headers without end, for one) open until the client is shut down, so a hostile
 * registry could pile up connections. What the old client has under way goes on; a request that
 * meets its end by chance fails as a broken connection does, and is tried again. Several threads
 * may call.
 */
final class FreshClient implements AutoCloseable {
    private final HttpClient.Builder builder;
    private final List<HttpClient> leaving = new ArrayList<>();
    private HttpClient client;

    FreshClient(HttpClient.Builder builder) {
        this.builder = builder;
        this.client = builder.build();
    }

    <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        HttpClient used = current();
        try {
            return used.send(request, handler);
        } catch (ProtocolException e) {
            replace(used);
            throw e;
        }
    }

    private synchronized HttpClient current() {
        return client;
    }

    private synchronized void replace(HttpClient used) {
        if (used == client) {
            leaving.removeIf(HttpClient::isTerminated);
            leaving.add(used);
            used.shutdown();
            client = builder.build();
        }
    }

    @Override
    public synchronized void close() {
        leaving.forEach(HttpClient::shutdownNow);
        client.shutdownNow();
    }
}
