package dev.hearth.gateway.oidc;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Invokers;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Lets in whoever shows a JWT that a service's policy takes, as {@code Authorization: Bearer}, or
 * as {@code X-Serverless-Authorization}. A token that was fine is known for a minute, so that its
 * next requests cost a look-up; verifying one is done off the event loops.
 *
 * <p>What the container gets has no signature any more: it can read who calls, and nobody who gets
 * hold of it there can call with it.
 */
public final class JwtCallers {
    private static final String OF_THE_PLATFORM = "X-Serverless-Authorization";
    private static final String SCHEME = "Bearer ";
    private static final long KNOWN_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int MOST_KNOWN = 10_000;

    /** Of all tokens that are known. */
    private static final int MOST_CHARACTERS = 16 << 20;

    private final JwtCheck check;
    private final Clock clock;
    private final Executor workers;
    private final ConcurrentHashMap<Shown, Long> known = new ConcurrentHashMap<>();
    private final AtomicLong characters = new AtomicLong();

    /** A token, and what it was held against. */
    private record Shown(Invokers.Jwt policy, String token) {}

    /**
     * @param workers run what takes a while, or waits for an issuer
     */
    public JwtCallers(Clock clock, Executor workers) {
        this(new IssuerDocuments()::keys, clock, workers);
    }

    JwtCallers(UnaryOperator<String> keys, Clock clock, Executor workers) {
        this.check = new JwtCheck(keys, clock);
        this.clock = clock;
        this.workers = workers;
    }

    /** Whether these headers show a token that was fine a moment ago. */
    public boolean isKnown(Invokers.Jwt policy, MultiMap headers) {
        Optional<String> token = token(headers);
        if (token.isEmpty()) {
            return false;
        }
        Long until = known.get(new Shown(policy, token.get()));
        return until != null && until - clock.nanos() > 0;
    }

    /**
     * Checks the token of a request, and succeeds on its event loop when it is known from then on.
     * Fails with UNAUTHENTICATED, FORBIDDEN or UNAVAILABLE, see JwtCheck.
     */
    public Future<Void> check(Invokers.Jwt policy, MultiMap headers) {
        Optional<String> token = token(headers);
        if (token.isEmpty()) {
            return Future.failedFuture(
                    new HearthException(
                            ErrorKind.UNAUTHENTICATED,
                            "not-authenticated",
                            "this service is private; call it with a token of "
                                    + policy.issuer()
                                    + " as Authorization: Bearer TOKEN"));
        }
        Shown shown = new Shown(policy, token.get());
        return Future.fromCompletionStage(
                CompletableFuture.runAsync(() -> learn(shown), workers), Vertx.currentContext());
    }

    private void learn(Shown shown) {
        long expiry = check.expiry(shown.policy, shown.token);
        long left = expiry + JwtCheck.LEEWAY.toSeconds() - clock.now().getEpochSecond();
        if (known.size() >= MOST_KNOWN
                || characters.addAndGet(shown.token.length()) > MOST_CHARACTERS) {
            known.clear(); // rare, and each is learned again with its next request
            characters.set(shown.token.length());
        }
        long nanos = Math.min(KNOWN_NANOS, Duration.ofSeconds(Math.max(1, left)).toNanos());
        known.put(shown, clock.nanos() + nanos);
    }

    private static Optional<String> token(MultiMap headers) {
        String ours = headers.get(OF_THE_PLATFORM);
        return bearer(ours != null ? ours : headers.get(HttpHeaders.AUTHORIZATION));
    }

    private static Optional<String> bearer(@Nullable String header) {
        return header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? Optional.of(header.substring(SCHEME.length()).strip())
                : Optional.empty();
    }

    /** Leaves a container who calls, and nothing to call with. */
    public static void remove(MultiMap headers) {
        boolean isForTheContainer = headers.contains(OF_THE_PLATFORM);
        headers.remove(OF_THE_PLATFORM);
        Optional<String> token = bearer(headers.get(HttpHeaders.AUTHORIZATION));
        if (token.isPresent() && !isForTheContainer) {
            int signature = token.get().lastIndexOf('.') + 1;
            headers.set(
                    HttpHeaders.AUTHORIZATION,
                    SCHEME + token.get().substring(0, signature) + "SIGNATURE_REMOVED_BY_HEARTH");
        }
    }
}
