package dev.hearth.imagecache.registry;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.reference.DockerHub;
import dev.hearth.imagecache.reference.ImageReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The log-ins that one file holds. For a registry a helper of its own ({@code credHelpers}) is
 * asked first, then the file's own log-ins ({@code auths}) for the repository, its parents and the
 * registry, then the helper for all ({@code credsStore}): the order of <a
 * href="https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md">containers-auth.json(5)</a>
 * with docker's default helper after it.
 */
record LogIns(Path file, Document document) {
    /** One log-in as the file has it; empty when a helper keeps the secret. */
    record Auth(
            @Nullable String auth,
            @Nullable String username,
            @Nullable String password,
            @Nullable String identitytoken) {
        @Override
        public String toString() {
            return "a log-in";
        }
    }

    /** The file's JSON, as far as it is about registries. */
    record Document(
            @JsonProperty("auths") @Nullable Map<String, @Nullable Auth> auths,
            @JsonProperty("credHelpers") @Nullable Map<String, @Nullable String> credHelpers,
            @JsonProperty("credsStore") @Nullable String credsStore) {}

    Optional<Login> find(ImageReference.Registry image, CredentialHelpers helpers, Duration left) {
        String server =
                image.host().equals(DockerHub.HOST) ? DockerHub.LOG_IN_SERVER : image.host();
        return entry(document.credHelpers(), image.host())
                .flatMap(helper -> ask(helpers, helper, server, left))
                .or(() -> stored(image))
                .or(
                        () ->
                                Optional.ofNullable(document.credsStore())
                                        .flatMap(store -> ask(helpers, store, server, left)));
    }

    /** An empty name means "no helper", in docker's files. */
    private static Optional<Login> ask(
            CredentialHelpers helpers, String helper, String server, Duration left) {
        return helper.isEmpty() ? Optional.empty() : helpers.get(helper, server, left);
    }

    private Optional<Login> stored(ImageReference.Registry image) {
        String key = image.host() + "/" + image.repository();
        while (true) {
            Optional<Login> login = entry(document.auths(), key).flatMap(this::login);
            int slash = key.lastIndexOf('/');
            if (login.isPresent() || slash < 0) {
                return login;
            }
            key = key.substring(0, slash);
        }
    }

    /** The entry under {@code key} itself, else under one that means it. */
    private static <T> Optional<T> entry(@Nullable Map<String, @Nullable T> entries, String key) {
        if (entries == null) {
            return Optional.empty();
        }
        T exact = entries.get(key);
        if (exact != null) {
            return Optional.of(exact);
        }
        for (Map.Entry<String, @Nullable T> entry : entries.entrySet()) {
            T value = entry.getValue();
            if (value != null && canonical(entry.getKey()).equals(key)) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }

    /**
     * A key without what it may have around the registry's name: {@code https://HOST/v1/} is how
     * old programs wrote HOST, and still the one for Docker Hub.
     */
    private static String canonical(String key) {
        String rest = key.replaceFirst("^https?://", "");
        int slash = rest.indexOf('/');
        String host = DockerHub.canonicalHost(slash < 0 ? rest : rest.substring(0, slash));
        boolean old = rest.length() != key.length() || rest.matches("[^/]*/v[12]?/?");
        return slash < 0 || old ? host : host + rest.substring(slash);
    }

    private Optional<Login> login(Auth entry) {
        if (entry.identitytoken() != null && !entry.identitytoken().isEmpty()) {
            return Optional.of(new Login.IdentityToken(entry.identitytoken()));
        }
        if (entry.auth() != null && !entry.auth().isEmpty()) {
            return Optional.of(decoded(entry.auth()));
        }
        return entry.username() == null || entry.password() == null
                ? Optional.empty()
                : Optional.of(Login.of(entry.username(), entry.password()));
    }

    private Login decoded(String auth) {
        String both;
        try {
            both = new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw invalid();
        }
        int colon = both.indexOf(':');
        if (colon < 0) {
            throw invalid();
        }
        return Login.of(both.substring(0, colon), both.substring(colon + 1));
    }

    private HearthException invalid() {
        return HearthException.invalid(
                "invalid-docker-config",
                "an \"auth\" in the file of registry log-ins "
                        + file
                        + " is not USER:PASSWORD in base64; log in anew");
    }
}
