package dev.hearth.imagecache.registry;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.hearth.imagecache.Deadline;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.Json;
import dev.hearth.imagecache.reference.ImageReference;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gets what a registry wants in the Authorization header: the log-in itself, or a token that the
 * registry's token server gives for it (without a log-in, for anybody). See <a
 * href="https://distribution.github.io/distribution/spec/auth/token/">the token flow</a>.
 */
final class TokenFetcher {
    private static final int MOST_BYTES = 64 * 1024;

    private final ImageReference.Registry reference;
    private final RegistryHttp http;
    private final RegistryPolicy policy;
    private final DockerCredentials credentials;
    private final Deadline deadline;

    TokenFetcher(
            ImageReference.Registry reference,
            RegistryHttp http,
            RegistryPolicy policy,
            DockerCredentials credentials,
            Deadline deadline) {
        this.reference = reference;
        this.http = http;
        this.policy = policy;
        this.credentials = credentials;
        this.deadline = deadline;
    }

    private record Answer(
            @Nullable String token, @JsonProperty("access_token") @Nullable String accessToken) {}

    /** The header's value; empty when there is no log-in and none is to be had. */
    Optional<String> answer(Challenge challenge)
            throws IOException, RegistryPolicy.RefusedException {
        Optional<String> basic = credentials.basic(reference.host());
        return challenge.scheme().equals("basic") ? basic : token(challenge, basic);
    }

    private Optional<String> token(Challenge challenge, Optional<String> basic)
            throws IOException, RegistryPolicy.RefusedException {
        URI uri = tokenUri(challenge);
        policy.check(uri, reference.host(), reference.hostName());
        HttpResponse<InputStream> response =
                basic.isPresent()
                        ? http.get(uri, deadline.left(), "Authorization", basic.get())
                        : http.get(uri, deadline.left());
        try (InputStream in = response.body()) {
            if (response.statusCode() != 200) {
                return Optional.empty();
            }
            Answer answer = Json.read(in.readNBytes(MOST_BYTES), Answer.class, "token");
            return Optional.ofNullable(answer.token == null ? answer.accessToken : answer.token)
                    .map(token -> "Bearer " + token);
        } catch (BadDocumentException e) {
            throw new IOException("its token server's answer is no token");
        }
    }

    private URI tokenUri(Challenge challenge) throws RegistryPolicy.RefusedException {
        String realm = challenge.parameters().getOrDefault("realm", "");
        String service = challenge.parameters().getOrDefault("service", "");
        String scope = "repository:" + reference.repository() + ":pull";
        String query =
                (service.isEmpty() ? "" : "service=" + encoded(service) + "&")
                        + "scope="
                        + encoded(scope);
        try {
            return URI.create(realm + (realm.contains("?") ? "&" : "?") + query);
        } catch (IllegalArgumentException e) {
            throw new RegistryPolicy.RefusedException("its token server is not an address");
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
