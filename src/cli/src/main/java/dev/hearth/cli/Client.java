package dev.hearth.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** The admin API as methods; failures come back as the HearthException that the platform threw. */
final class Client {
    private static final Duration QUICK = Duration.ofSeconds(30);
    private static final Duration DEPLOY =
            Duration.ofMinutes(16); // a pull's ten, a start's four, and slack
    static final ObjectMapper JSON =
            new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** What was not asked for is not sent: the release before may not know its name. */
    private static final ObjectMapper SENT =
            JSON.copy().setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL);

    private final String url;
    private final String token;
    private final Optional<ProjectName> project;
    private final HttpClient http = client().sslContext(noTls()).build();

    /**
     * @param project that an admin asks for; empty for the token's own
     */
    Client(String url, String token, Optional<ProjectName> project) {
        this.url = url;
        this.token = token;
        this.project = project;
    }

    private static HttpClient.Builder client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5));
    }

    /** The usual context reads all authorities' certificates, a fifth of a command's time. */
    private static SSLContext noTls() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[0], null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK knows TLS", e);
        }
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    <T> T get(String path, Class<T> type) {
        return parse(send(request(path, QUICK).GET()), type);
    }

    AdminApi.ServiceBody deploy(AdminApi.Deploy body) {
        return post("/services", body, AdminApi.ServiceBody.class);
    }

    <T> T post(String path, Object body, Class<T> type) {
        try {
            return parse(
                    send(
                            request(path, DEPLOY)
                                    .header("Content-Type", "application/json")
                                    .POST(BodyPublishers.ofString(SENT.writeValueAsString(body)))),
                    type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("records of strings always become JSON", e);
        }
    }

    /** A repository of the project's by its name within it. */
    static String repository(AdminApi.RegistryBody registry, String name) {
        String begin = registry.repositories();
        return begin == null ? name : begin + name;
    }

    /**
     * Sends an image archive to the platform's registry.
     *
     * @param registry its base URL, ending in a slash
     * @param password for it
     * @param archive opened when the request is sent
     * @return the reference that a deploy can name
     */
    String load(
            String registry, String password, String repository, Supplier<InputStream> archive) {
        HttpRequest.Builder request;
        try {
            request =
                    HttpRequest.newBuilder(
                                    URI.create(registry + "v2/_load?name=" + encode(repository)))
                            .header("Authorization", "Bearer " + password)
                            .header("Content-Type", "application/x-tar")
                            .POST(BodyPublishers.ofInputStream(archive));
        } catch (IllegalArgumentException e) {
            throw HearthException.invalid(
                    "invalid-server", "the registry \"" + registry + "\" is not a URL");
        }
        HttpResponse<String> response = answer(request);
        if (response.statusCode() == 200) {
            return parse(response.body(), Loaded.class).reference();
        }
        throw refused(response);
    }

    private record Loaded(String reference) {}

    private record Refusals(List<Refusal> errors) {}

    private record Refusal(String code, String message) {}

    private HearthException refused(HttpResponse<String> response) {
        try {
            Refusal first = JSON.readValue(response.body(), Refusals.class).errors().getFirst();
            return new HearthException(
                    response.statusCode() < 500 ? ErrorKind.INVALID : ErrorKind.UNAVAILABLE,
                    first.code().toLowerCase(Locale.ROOT).replace('_', '-'),
                    first.message());
        } catch (JsonProcessingException
                | NullPointerException
                | java.util.NoSuchElementException notARegistrys) {
            return failure(response);
        }
    }

    /** Sends octets. */
    <T> T send(String path, byte[] octets, Class<T> type) {
        return parse(
                send(
                        request(path, QUICK)
                                .header("Content-Type", "application/octet-stream")
                                .POST(BodyPublishers.ofByteArray(octets))),
                type);
    }

    <T> T post(String path, Class<T> type) {
        return parse(send(request(path, DEPLOY).POST(BodyPublishers.noBody())), type);
    }

    /** An answer as it comes. */
    String text(String path) {
        return send(request(path, DEPLOY).GET());
    }

    void post(String path) {
        send(request(path, QUICK).POST(BodyPublishers.noBody()));
    }

    void delete(String path) {
        send(request(path, QUICK).DELETE());
    }

    /** Whether Knative's API has something at a path. */
    boolean exists(String path) {
        int status = answer(absolute(path, QUICK).GET()).statusCode();
        return status / 100 == 2;
    }

    /** A call of Knative's API; its failures are Kubernetes' Status objects. */
    JsonNode send(String method, String path, String body) {
        HttpResponse<String> response =
                answer(
                        absolute(path, DEPLOY)
                                .header("Content-Type", "application/json")
                                .method(method, BodyPublishers.ofString(body)));
        JsonNode answer = parse(response.body(), JsonNode.class);
        if (response.statusCode() / 100 == 2) {
            return answer;
        }
        if (!answer.path("kind").asText().equals("Status")) {
            throw failure(response);
        }
        throw new HearthException(
                response.statusCode() < 500 ? ErrorKind.INVALID : ErrorKind.INTERNAL,
                answer.path("reason").asText(),
                answer.path("message").asText());
    }

    private HttpRequest.Builder request(String path, Duration timeout) {
        return absolute(AdminApi.BASE + path, timeout);
    }

    private HttpRequest.Builder absolute(String path, Duration timeout) {
        try {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create(url + path))
                            .timeout(timeout)
                            .header("Authorization", "Bearer " + token);
            project.ifPresent(p -> request.header(AdminApi.PROJECT, p.value()));
            return request;
        } catch (IllegalArgumentException e) {
            throw HearthException.invalid(
                    "invalid-server", "the server \"" + url + "\" is not a URL: " + e.getMessage());
        }
    }

    private String send(HttpRequest.Builder request) {
        HttpResponse<String> response = answer(request);
        if (response.statusCode() >= 400) {
            throw failure(response);
        }
        return response.body();
    }

    private HttpResponse<String> answer(HttpRequest.Builder builder) {
        HttpRequest request = builder.build();
        String asked = request.uri().getScheme() + "://" + request.uri().getAuthority();
        boolean plain = "http".equals(request.uri().getScheme());
        try {
            return (plain ? http : client().build()).send(request, BodyHandlers.ofString());
        } catch (ConnectException e) {
            throw new HearthException(
                    ErrorKind.UNAVAILABLE,
                    "no-platform",
                    "no platform answers on " + asked + "; start one with `hearth up`",
                    e);
        } catch (IOException e) {
            throw new HearthException(
                    ErrorKind.UNAVAILABLE,
                    "no-answer",
                    "the platform on " + asked + " broke off: " + e.getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HearthException(ErrorKind.UNAVAILABLE, "interrupted", "interrupted", e);
        }
    }

    private HearthException failure(HttpResponse<String> response) {
        try {
            AdminApi.ErrorBody body = JSON.readValue(response.body(), AdminApi.ErrorBody.class);
            AdminApi.ErrorBody.Error error = body.error();
            return new HearthException(
                    ErrorKind.valueOf(error.kind()),
                    error.reason(),
                    error.message(),
                    error.details());
        } catch (JsonProcessingException | IllegalArgumentException | NullPointerException e) {
            return new HearthException(
                    ErrorKind.INTERNAL,
                    "strange-answer",
                    url
                            + " answered "
                            + response.statusCode()
                            + ", not as Hearth's admin API does;"
                            + " is something else on that port?",
                    e);
        }
    }

    private static <T> T parse(String body, Class<T> type) {
        try {
            return JSON.readValue(body, type);
        } catch (JsonProcessingException e) {
            throw new HearthException(
                    ErrorKind.INTERNAL,
                    "strange-answer",
                    "the platform's answer is not what this version of the CLI expects: "
                            + e.getOriginalMessage(),
                    e);
        }
    }
}
