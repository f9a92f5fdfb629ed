package dev.hearth.gateway.oidc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads an issuer's keys: its discovery document (OpenID Connect Discovery 1.0, section 4) names
 * where they are (a JSON Web Key Set, RFC 7517). Blocking. Redirects are not followed. Its errors
 * are for the log, not for callers: a deployer chooses the issuer, and would learn from them which
 * addresses the platform can reach.
 */
final class IssuerDocuments {
    private static final String DISCOVERY = "/.well-known/openid-configuration";
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MOST_BYTES = 256 * 1024;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder()
                    .connectTimeout(PATIENCE)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();
    private final Duration patience;

    IssuerDocuments() {
        this(PATIENCE);
    }

    /**
     * @param patience with each document, from the connection to its last octet
     */
    IssuerDocuments(Duration patience) {
        this.patience = patience;
    }

    /** The key set, as JSON. UNAVAILABLE {@code issuer-unavailable} with what went wrong. */
    String keys(String issuer) {
        String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
        JsonNode document = parse(issuer, get(issuer, base + DISCOVERY));
        if (!document.path("issuer").asText().equals(issuer)) {
            throw unavailable(issuer, "its discovery document is another issuer's");
        }
        String keys = document.path("jwks_uri").asText();
        if (!keys.startsWith("https://") && !isAtHome(issuer, keys)) {
            throw unavailable(issuer, "its discovery document names no https:// URL of its keys");
        }
        return get(issuer, keys);
    }

    /** Plain HTTP is for issuers on loopback; such a one does not lead to other machines. */
    private static boolean isAtHome(String issuer, String keys) {
        try {
            URI url = new URI(keys);
            String host = new URI(issuer).getHost();
            return issuer.startsWith("http://")
                    && "http".equals(url.getScheme())
                    && host != null
                    && host.equals(url.getHost());
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static JsonNode parse(String issuer, String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw unavailable(issuer, "its discovery document is not JSON");
        }
    }

    /**
     * Within the deadline as a whole: the one that HttpClient knows ends with the answer's head,
     * and an issuer can send its body an octet a minute.
     */
    private String get(String issuer, String url) {
        CompletableFuture<HttpResponse<byte[]>> asked =
                http.sendAsync(
                        request(issuer, url),
                        BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
        try {
            HttpResponse<byte[]> answer = asked.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (answer.statusCode() != 200) {
                throw unavailable(issuer, url + " answered " + answer.statusCode());
            }
            return new String(answer.body(), StandardCharsets.UTF_8);
        } catch (ExecutionException e) {
            throw unavailable(issuer, url + " cannot be read: " + e.getCause());
        } catch (TimeoutException e) {
            throw unavailable(
                    issuer, url + " did not answer within " + patience.toMillis() + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(issuer, "the platform is stopping");
        } finally {
            asked.cancel(true); // which closes a connection that is still read from
        }
    }

    private static HttpRequest request(String issuer, String url) {
        try {
            return HttpRequest.newBuilder(URI.create(url))
                    .timeout(PATIENCE)
                    .header("Accept", "application/json")
                    .build();
        } catch (IllegalArgumentException e) {
            throw unavailable(issuer, "what is to be its documents' address is no URL");
        }
    }

    static HearthException unavailable(String issuer, String why) {
        return new HearthException(
                ErrorKind.UNAVAILABLE,
                "issuer-unavailable",
                "the keys of issuer " + issuer + " are not known, since " + why);
    }
}
