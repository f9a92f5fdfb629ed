package dev.hearth.imagecache.registry;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What shows a registry who asks. Its text form is without the secret. */
sealed interface Login {
    /**
     * The user name that stands for "the secret is an identity token", in <a
     * href="https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol">docker's
     * credential helper protocol</a>.
     */
    String TOKEN_USER = "<token>";

    /** A user's name and password, or an access token in the password's place. */
    record Password(String user, String password) implements Login {
        /** The value of an Authorization header. */
        String basic() {
            String both = user + ":" + password;
            return "Basic "
                    + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String toString() {
            return "password of " + user;
        }
    }

    /** A token that is good for nothing but getting others: OAuth2's refresh token. */
    record IdentityToken(String token) implements Login {
        @Override
        public String toString() {
            return "identity token";
        }
    }

    static Login of(String user, String secret) {
        return user.equals(TOKEN_USER) ? new IdentityToken(secret) : new Password(user, secret);
    }
}
