package dev.hearth.gateway.oidc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Reads an issuer's keys: its discovery document (OpenID Connect Discovery 1.0, section 4) names
 * where they are (a JSON Web Key Set, RFC 7517). Blocking. Redirects are not followed, and what an
 * issuer answers is in no error.
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

    /** The key set, as JSON. UNAVAILABLE {@code issuer-unavailable} with what went wrong. */
    String keys(String issuer) {
        String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
        JsonNode document = parse(issuer, get(issuer, base + DISCOVERY));
        if (!document.path("issuer").asText().equals(issuer)) {
            throw unavailable(issuer, "its discovery document is another issuer's");
        }
        String keys = document.path("jwks_uri").asText();
        boolean secure = keys.startsWith("https://");
        if (!secure && !(issuer.startsWith("http://") && keys.startsWith("http://"))) {
            throw unavailable(issuer, "its discovery document names no https:// URL of its keys");
        }
        return get(issuer, keys);
    }

    private static JsonNode parse(String issuer, String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw unavailable(issuer, "its discovery document is not JSON");
        }
    }

    private String get(String issuer, String url) {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(url))
                            .timeout(PATIENCE)
                            .header("Accept", "application/json")
                            .build();
            HttpResponse<InputStream> answer = http.send(request, BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                byte[] bytes = body.readNBytes(MOST_BYTES + 1);
                if (answer.statusCode() != 200) {
                    throw unavailable(issuer, url + " answered " + answer.statusCode());
                }
                if (bytes.length > MOST_BYTES) {
                    throw unavailable(issuer, url + " answered more than " + MOST_BYTES + " bytes");
                }
                return new String(bytes, StandardCharsets.UTF_8);
            }
        } catch (IOException | IllegalArgumentException e) {
            throw unavailable(issuer, url + " cannot be read: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(issuer, "the platform is stopping");
        }
    }

    static HearthException unavailable(String issuer, String why) {
        return new HearthException(
                ErrorKind.UNAVAILABLE,
                "issuer-unavailable",
                "the keys of issuer " + issuer + " are not known, since " + why);
    }
}
