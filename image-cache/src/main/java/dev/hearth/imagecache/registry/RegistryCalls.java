package dev.hearth.imagecache.registry;

import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.Deadline;
import dev.hearth.imagecache.reference.ImageReference;
import dev.hearth.imagecache.source.Failures;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * GETs of one repository: authorised as the registry asks, redirects followed as far as the policy
 * goes, a registry that stumbles asked again. Several threads may call.
 */
final class RegistryCalls {
    private static final int MOST_REDIRECTS = 5;
    private static final int MOST_ATTEMPTS = 3;

    private final ImageReference.Registry reference;
    private final RegistryHttp http;
    private final RegistryPolicy policy;
    private final Deadline deadline;
    private final TokenFetcher tokens;
    private final ReentrantLock tokenLock = new ReentrantLock();
    private volatile Optional<String> authorization = Optional.empty();

    RegistryCalls(
            ImageReference.Registry reference,
            RegistryHttp http,
            RegistryPolicy policy,
            DockerCredentials credentials,
            Deadline deadline) {
        this.reference = reference;
        this.http = http;
        this.policy = policy;
        this.deadline = deadline;
        this.tokens = new TokenFetcher(reference, http, policy, credentials, deadline);
    }

    /**
     * The response, of status 200; the caller closes its body.
     *
     * @param path after the repository: {@code manifests/latest}
     */
    HttpResponse<InputStream> get(String path, String accept) {
        URI uri =
                policy.base(reference.host(), reference.hostName())
                        .resolve(reference.repository() + "/" + path);
        for (int attempt = 1; ; attempt++) {
            deadline.check(reference.toString());
            try {
                HttpResponse<InputStream> response = authorized(uri, accept);
                if (response.statusCode() == 200) {
                    return response;
                }
                response.body().close();
                if (attempt == MOST_ATTEMPTS || !isPassing(response.statusCode())) {
                    throw refused(path, response.statusCode());
                }
            } catch (IOException e) {
                if (attempt == MOST_ATTEMPTS || e instanceof java.io.InterruptedIOException) {
                    throw RegistrySource.unavailable(reference, why(e), e);
                }
            } catch (RegistryPolicy.RefusedException e) {
                throw RegistrySource.unavailable(reference, String.valueOf(e.getMessage()), e);
            }
            pause(attempt);
        }
    }

    private HttpResponse<InputStream> authorized(URI uri, String accept)
            throws IOException, RegistryPolicy.RefusedException {
        Optional<String> used = authorization;
        HttpResponse<InputStream> response = redirected(uri, accept, used);
        if (response.statusCode() != 401) {
            return response;
        }
        Optional<Challenge> challenge =
                Challenge.first(response.headers().allValues("WWW-Authenticate"));
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
        return redirected(uri, accept, authorization);
    }

    private HttpResponse<InputStream> redirected(URI uri, String accept, Optional<String> token)
            throws IOException, RegistryPolicy.RefusedException {
        URI at = uri;
        for (int i = 0; i <= MOST_REDIRECTS; i++) {
            policy.check(at, reference.host(), reference.hostName());
            List<String> headers = new ArrayList<>(List.of("Accept", accept));
            if (token.isPresent() && sameServer(at, uri)) {
                headers.addAll(List.of("Authorization", token.get()));
            }
            HttpResponse<InputStream> response =
                    http.get(at, deadline.left(), headers.toArray(String[]::new));
            Optional<String> location = response.headers().firstValue("Location");
            if (!isRedirect(response.statusCode()) || location.isEmpty()) {
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

    private HearthException refused(String path, int status) {
        return switch (status) {
            case 404 ->
                    Failures.notFound(
                            reference.toString(),
                            path.startsWith("blobs/")
                                    ? "the registry lacks a part of it, " + path
                                    : "the registry has no such image");
            case 401, 403 ->
                    Failures.notFound(
                            reference.toString(),
                            "the registry does not show it; check the name, or log in with docker"
                                    + " login as the user that Hearth runs as");
            default ->
                    RegistrySource.unavailable(
                            reference,
                            "it answers with status " + status,
                            new IOException("status " + status));
        };
    }

    private static String why(IOException e) {
        String message = e.getMessage();
        return switch (e) {
            case java.net.http.HttpTimeoutException t -> "it did not answer in time";
            case java.net.ConnectException c -> "nothing answers there";
            default -> message == null ? e.getClass().getSimpleName() : message;
        };
    }

    /** 200 ms, then 1 s: enough for a restart behind a balancer, not for a deploy to hang. */
    private void pause(int attempt) {
        try {
            Thread.sleep(attempt == 1 ? 200 : 1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw RegistrySource.unavailable(reference, "the pull was given up", e);
        }
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private static boolean isPassing(int status) {
        return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
    }

    private static boolean sameServer(URI a, URI b) {
        return a.getScheme().equals(b.getScheme()) && a.getAuthority().equals(b.getAuthority());
    }
}
