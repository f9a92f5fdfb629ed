package dev.hearth.imagecache.registry;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.hearth.imagecache.Deadline;
import dev.hearth.imagecache.manifest.BadDocumentException;
import dev.hearth.imagecache.manifest.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Gets what a registry wants in the Authorization header: the log-in itself, or a token that the
 * registry's token server gives for it (without a log-in, for anybody). A password is shown by <a
 * href="https://distribution.github.io/distribution/spec/auth/token/">GET</a>, an identity token by
 * <a href="https://distribution.github.io/distribution/spec/auth/oauth/">OAuth2's POST</a>.
 */
final class TokenFetcher {
    private static final int MOST_BYTES = 64 * 1024;

    /** What may stand in a header: RFC 6750's token and whatever else prints. */
    private static final Pattern PRINTABLE = Pattern.compile("[\\x21-\\x7e]+");

    private final Endpoint endpoint;
    private final RegistryHttp http;
    private final RegistryPolicy policy;
    private final DockerCredentials credentials;
    private final Deadline deadline;

    TokenFetcher(
            Endpoint endpoint,
            RegistryHttp http,
            RegistryPolicy policy,
            DockerCredentials credentials,
            Deadline deadline) {
        this.endpoint = endpoint;
        this.http = http;
        this.policy = policy;
        this.credentials = credentials;
        this.deadline = deadline;
    }

    private record Answer(
            @Nullable String token, @JsonProperty("access_token") @Nullable String accessToken) {
        @Override
        public String toString() {
            return "a token";
        }
    }

    /** The header's value; empty when there is no log-in and none is to be had. */
    Optional<String> answer(Challenge challenge)
            throws IOException, RegistryPolicy.RefusedException {
        Optional<Login> login = credentials.find(endpoint.image(), deadline.left());
        if (challenge.scheme().equals("basic")) {
            return login.flatMap(TokenFetcher::basic);
        }
        return token(ask(challenge, login));
    }

    /** An identity token is for token servers only. */
    private static Optional<String> basic(Login login) {
        return login instanceof Login.Password password
                ? Optional.of(password.basic())
                : Optional.empty();
    }

    private HttpResponse<InputStream> ask(Challenge challenge, Optional<Login> login)
            throws IOException, RegistryPolicy.RefusedException {
        String realm = challenge.parameter("realm");
        String service = challenge.parameter("service");
        String query =
                (service.isEmpty() ? "" : "service=" + encoded(service) + "&")
                        + "scope="
                        + encoded(PullScope.of(challenge, endpoint.image().repository()));
        if (login.isPresent() && login.get() instanceof Login.IdentityToken identity) {
            String form =
                    query
                            + "&grant_type=refresh_token&client_id=hearth&refresh_token="
                            + encoded(identity.token());
            return http.post(checked(realm), deadline.left(), form);
        }
        URI uri = checked(realm + (realm.contains("?") ? "&" : "?") + query);
        Optional<String> basic = login.flatMap(TokenFetcher::basic);
        return basic.isPresent()
                ? http.get(uri, deadline.left(), "Authorization", basic.get())
                : http.get(uri, deadline.left());
    }

    private URI checked(String address) throws RegistryPolicy.RefusedException {
        try {
            URI uri = URI.create(address);
            policy.check(uri, endpoint);
            return uri;
        } catch (IllegalArgumentException e) {
            throw new RegistryPolicy.RefusedException("its token server is not an address");
        }
    }

    private static Optional<String> token(HttpResponse<InputStream> response) throws IOException {
        try (InputStream in = response.body()) {
            if (BusyException.isPassing(response.statusCode())) {
                throw new BusyException("its token server", response);
            }
            if (response.statusCode() != 200) {
                return Optional.empty();
            }
            Answer answer = Json.read(in.readNBytes(MOST_BYTES), Answer.class, "token");
            return Optional.ofNullable(answer.token)
                    .filter(token -> !token.isEmpty())
                    .or(() -> Optional.ofNullable(answer.accessToken))
                    .filter(token -> PRINTABLE.matcher(token).matches())
                    .map(token -> "Bearer " + token);
        } catch (BadDocumentException e) {
            throw new IOException("its token server's answer is no token");
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
