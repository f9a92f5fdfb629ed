package dev.hearth.bench.platform;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.AdminApi;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The admin API of a platform, for what is done beside the measuring. Safe from any thread. */
public final class Admin implements AutoCloseable {
    /** In Cloud Run's API, in which any project and location will do. */
    private static final String LOCATION = "/v2/projects/bench/locations/here";

    private static final Duration DEADLINE = Duration.ofSeconds(120);

    /**
     * Of a call that met a busy database (503), its own earlier try still under way (409), or a
     * kept connection that the server just closed.
     */
    private static final int MOST_TRIES = 10;

    private static final Set<Integer> PASSING = Set.of(409, 503);
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String base;
    private final String token;

    private Admin(String base, String token) {
        this.base = base;
        this.token = token;
    }

    /**
     * @param tokenFile in the platform's data directory
     */
    public static Admin of(int port, Path tokenFile) {
        try {
            return new Admin("http://127.0.0.1:" + port, Files.readString(tokenFile).strip());
        } catch (IOException e) {
            throw new BenchFailure("the admin token cannot be read from " + tokenFile, e);
        }
    }

    /** Deploys an image; returns when requests reach it, with the instance that proved it. */
    public void deploy(String service, String image, Map<String, String> env, String idle) {
        deploy(Wanted.of(service, image).with("env", env).with("idle", idle));
    }

    /** The same, with every setting. */
    public void deploy(Wanted wanted) {
        call("POST", AdminApi.BASE + "/services", wanted.body());
    }

    public void delete(String service) {
        call("DELETE", AdminApi.BASE + "/services/" + service, null);
    }

    /** Returns when its instances are gone. */
    public void stop(String service) {
        call("POST", AdminApi.BASE + "/services/" + service + "/stop", null);
    }

    /**
     * A page of services by Cloud Run's API.
     *
     * @param token that the page before answered with; empty for the first
     */
    public JsonNode page(int size, String token) {
        try {
            return json.readTree(
                    call(
                            "GET",
                            LOCATION + "/services?pageSize=" + size + "&pageToken=" + token,
                            null));
        } catch (IOException e) {
            throw new BenchFailure("the admin API's answer is not JSON", e);
        }
    }

    /** Its instances, as the API tells them. */
    public List<JsonNode> instances(String service) {
        try {
            List<JsonNode> found = new ArrayList<>();
            json.readTree(call("GET", AdminApi.BASE + "/instances?service=" + service, null))
                    .forEach(found::add);
            return found;
        } catch (IOException e) {
            throw new BenchFailure("the admin API's answer is not JSON", e);
        }
    }

    /** Asks the platform to stop. */
    void shutdown() {
        call("POST", AdminApi.BASE + "/shutdown", null);
    }

    private String call(String method, String path, @Nullable Object body) {
        for (int attempt = 1; ; attempt++) {
            try {
                HttpResponse<String> answer = send(method, path, body);
                if (answer.statusCode() / 100 == 2) {
                    return answer.body();
                }
                if (!PASSING.contains(answer.statusCode()) || attempt == MOST_TRIES) {
                    throw new BenchFailure(
                            method
                                    + " "
                                    + path
                                    + " said "
                                    + answer.statusCode()
                                    + ": "
                                    + answer.body().strip());
                }
            } catch (IOException e) {
                if (attempt == MOST_TRIES) {
                    throw new BenchFailure(method + " " + base + path + " failed: " + e, e);
                }
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(BETWEEN_TRIES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchFailure("interrupted", e);
        }
    }

    private HttpResponse<String> send(String method, String path, @Nullable Object body)
            throws IOException {
        try {
            HttpRequest.BodyPublisher content =
                    body == null
                            ? HttpRequest.BodyPublishers.noBody()
                            : HttpRequest.BodyPublishers.ofString(json.writeValueAsString(body));
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(base + path))
                            .timeout(DEADLINE)
                            .header("Authorization", "Bearer " + token)
                            .header("Content-Type", "application/json")
                            .method(method, content)
                            .build();
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchFailure("interrupted", e);
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
