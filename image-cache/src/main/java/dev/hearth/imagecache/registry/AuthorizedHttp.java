package dev.hearth.imagecache.registry;

import dev.hearth.imagecache.Deadline;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * GETs of one server, authorised as it asks, redirects followed as far as the policy goes. A token
 * is kept until the server refuses it, then renewed, once for each GET. Several threads may call.
 */
final class AuthorizedHttp {
    private static final int MOST_REDIRECTS = 5;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    private final Endpoint endpoint;
    private final RegistryHttp http;
    private final RegistryPolicy policy;
    private final Deadline deadline;
    private final TokenFetcher tokens;
    private final ReentrantLock tokenLock = new ReentrantLock();
    private volatile Optional<String> authorization = Optional.empty();

    AuthorizedHttp(
            Endpoint endpoint, RegistryHttp http, RegistryOptions options, Deadline deadline) {
        this.endpoint = endpoint;
        this.http = http;
        this.policy = options.policy();
        this.deadline = deadline;
        this.tokens = new TokenFetcher(endpoint, http, policy, options.credentials(), deadline);
    }

    /**
     * The response, of any status but a redirect's; the caller closes its body.
     *
     * @param headers names and values by turns
     */
    HttpResponse<InputStream> get(URI uri, String... headers)
            throws IOException, RegistryPolicy.RefusedException {
        Optional<String> used = authorization;
        HttpResponse<InputStream> response = redirected(uri, used, headers);
        // Where the server sends us may not ask for the log-in: it is the server's.
        if (response.statusCode() != 401 || !endpoint.isAt(response.uri())) {
            return response;
        }
        Optional<Challenge> challenge =
                Challenge.best(response.headers().allValues("WWW-Authenticate"));
        if (challenge.isEmpty()) {
            return response;
        }
        response.body().close();
        tokenLock.lock();
        try {
            if (authorization.equals(used)) { // else another thread has a newer one already
                authorization = tokens.answer(challenge.get());
            }
        } finally {
            tokenLock.unlock();
        }
        return redirected(uri, authorization, headers);
    }

    private HttpResponse<InputStream> redirected(URI uri, Optional<String> token, String... headers)
            throws IOException, RegistryPolicy.RefusedException {
        URI at = uri;
        for (int i = 0; i <= MOST_REDIRECTS; i++) {
            policy.check(at, endpoint);
            List<String> all = new ArrayList<>(Arrays.asList(headers));
            if (token.isPresent() && endpoint.isAt(at)) {
                all.addAll(List.of("Authorization", token.get()));
            }
            HttpResponse<InputStream> response =
                    http.get(at, deadline.left(), all.toArray(String[]::new));
            Optional<String> location = response.headers().firstValue("Location");
            if (!REDIRECTS.contains(response.statusCode()) || location.isEmpty()) {
                return response;
            }
            response.body().close();
            at = resolve(at, location.get());
        }
        throw new RegistryPolicy.RefusedException(
                "it redirects more than " + MOST_REDIRECTS + " times");
    }

    private static URI resolve(URI at, String location) throws RegistryPolicy.RefusedException {
        try {
            return at.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new RegistryPolicy.RefusedException("it redirects to what is not an address");
        }
    }
}
