package dev.hearth.bench.cold;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Hearth itself: a service without an instance gets a request through the gateway. */
public final class GatewayContender implements Contender {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    /**
     * The autoscaler may still hold the last request against a stop and start an instance again.
     */
    private static final int MOST_STOPS = 20;

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();
    private final URI services;
    private final String token;
    private final int httpPort;
    private final String service;
    private final String host;
    private final Duration spacing;
    private final Clock clock;

    /**
     * @param spacing between the last instance's end and the request, as idle as a cold start is in
     *     real life
     */
    public GatewayContender(
            int adminPort,
            String token,
            int httpPort,
            String service,
            String domain,
            Duration spacing,
            Clock clock) {
        this.services = URI.create("http://127.0.0.1:" + adminPort + AdminApi.BASE + "/services");
        this.token = token;
        this.httpPort = httpPort;
        this.service = service;
        this.host = service + "." + domain;
        this.spacing = spacing;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "hearth, through the gateway";
    }

    /**
     * Deploys the image as the service; fails when the name is taken, so that nobody's is replaced.
     */
    public void deploy(String image) {
        if (call("GET", "/" + service, null).statusCode() == 200) {
            throw new BenchFailure(
                    "a service called "
                            + service
                            + " is there already; name another with --service, or delete it");
        }
        String soonIdle = "1s";
        AdminApi.Deploy deploy =
                new AdminApi.Deploy(
                        service, image, null, null, null, null, null, null, null, null, null,
                        soonIdle, null, null);
        expect("POST", "", deploy);
    }

    @Override
    public long coldNanos() throws InterruptedException {
        for (int attempt = 0; attempt < MOST_STOPS; attempt++) {
            expect("POST", "/" + service + "/stop", null);
            Thread.sleep(spacing);
            if (instances() == 0) {
                return new Probe(clock).throughOpenConnection(httpPort, host);
            }
        }
        throw new BenchFailure(
                service + " got an instance again after each of " + MOST_STOPS + " stops");
    }

    private int instances() {
        HttpResponse<String> answer = expect("GET", "/" + service, null);
        try {
            return json.readTree(answer.body()).path("instances").asInt();
        } catch (IOException e) {
            throw new BenchFailure("the admin API's answer is not JSON: " + answer.body(), e);
        }
    }

    private HttpResponse<String> expect(String method, String path, @Nullable Object body) {
        HttpResponse<String> answer = call(method, path, body);
        if (answer.statusCode() / 100 != 2) {
            throw new BenchFailure(
                    method
                            + " "
                            + services
                            + path
                            + " said "
                            + answer.statusCode()
                            + ": "
                            + answer.body());
        }
        return answer;
    }

    private HttpResponse<String> call(String method, String path, @Nullable Object body) {
        try {
            HttpRequest.BodyPublisher content =
                    body == null
                            ? HttpRequest.BodyPublishers.noBody()
                            : HttpRequest.BodyPublishers.ofString(json.writeValueAsString(body));
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(services + path))
                            .timeout(DEADLINE)
                            .header("Authorization", "Bearer " + token)
                            .header("Content-Type", "application/json")
                            .method(method, content)
                            .build();
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (ConnectException e) {
            throw new BenchFailure(
                    "no platform answers at " + services + "; start one with `hearth up --detach`",
                    e);
        } catch (IOException e) {
            throw new BenchFailure(method + " " + services + path + " failed: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchFailure("interrupted", e);
        }
    }

    /** Deletes the service. */
    @Override
    public void close() {
        try (http) {
            call("DELETE", "/" + service, null);
        }
    }
}
