package dev.hearth.gateway.access;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.ApiToken;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectPort;
import dev.hearth.contracts.Role;
import dev.hearth.contracts.TokenPort;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The one check of who calls and whether they may. The platform's own admin token is compared in
 * constant time and needs no database; every other token is looked up for each call, so that one
 * that is revoked is good for nothing from then on, at any gateway.
 */
public final class Access {
    private static final String SCHEME = "Bearer ";
    private static final String CALLER = "hearth.caller";
    private static final int MOST_GOOD = 2 * TokenPort.MOST;

    private final byte[] admin;
    private final TokenPort tokens;
    private final Scopes scopes;
    private final Clock clock;
    private final Guesses guesses;

    /**
     * Digests of tokens that somebody had when they came last. They are looked up for each call as
     * any other, also while others guess: who guesses, at the public port even, must not keep out
     * those who have a token.
     */
    private final Set<String> goodLately = ConcurrentHashMap.newKeySet();

    /**
     * @param admin the platform's own token
     */
    public Access(String admin, TokenPort tokens, ProjectPort projects, Clock clock) {
        this.admin = admin.getBytes(StandardCharsets.UTF_8);
        this.tokens = tokens;
        this.scopes = new Scopes(projects);
        this.clock = clock;
        this.guesses = new Guesses(clock);
    }

    /** What tells callers of one project from those of another. */
    public Scopes scopes() {
        return scopes;
    }

    /**
     * A handler that lets go on whoever may make the call, and tells the call who it is, and for
     * which project: the token's own, or that which an admin names in {@link AdminApi#PROJECT}.
     *
     * @param refuse answers the others, in the words of the API that was called
     */
    public Handler<RoutingContext> check(BiConsumer<RoutingContext, HearthException> refuse) {
        return c -> check(c, c.request().getHeader(AdminApi.PROJECT), refuse);
    }

    /** The same for APIs that name the project elsewhere: the caller is still to be scoped. */
    public Handler<RoutingContext> checkRole(BiConsumer<RoutingContext, HearthException> refuse) {
        return c -> check(c, null, refuse);
    }

    private void check(
            RoutingContext c,
            @Nullable String project,
            BiConsumer<RoutingContext, HearthException> refuse) {
        String bearer = bearer(c.request().getHeader(HttpHeaders.AUTHORIZATION));
        Role needed = Needs.of(c.request().method().name(), c.normalizedPath());
        if (isAdmins(bearer) && project == null) {
            admit(c, Caller.BOOTSTRAP);
            return;
        }
        c.request().pause(); // its body waits for whoever reads it
        Context context = c.vertx().getOrCreateContext();
        caller(bearer)
                .thenCompose(
                        caller ->
                                project == null
                                        ? CompletableFuture.completedFuture(caller)
                                        : scopes.named(caller, project))
                .whenComplete(
                        (caller, failure) ->
                                context.runOnContext(
                                        now -> {
                                            c.request().resume();
                                            decide(c, needed, caller, failure, refuse);
                                        }));
    }

    private static void decide(
            RoutingContext c,
            Role needed,
            Caller caller,
            @Nullable Throwable failure,
            BiConsumer<RoutingContext, HearthException> refuse) {
        if (failure != null) {
            refuse.accept(c, HearthException.from(failure));
            return;
        }
        try {
            caller.check(needed);
        } catch (HearthException lacking) {
            refuse.accept(c, lacking);
            return;
        }
        admit(c, caller);
    }

    private static void admit(RoutingContext c, Caller caller) {
        c.put(CALLER, caller);
        c.next();
    }

    /** Who makes a call that was checked. */
    public static Caller caller(RoutingContext c) {
        @Nullable Caller caller = c.get(CALLER);
        if (caller == null) {
            throw new IllegalStateException(c.normalizedPath() + " is served without a check");
        }
        return caller;
    }

    private static String bearer(@Nullable String header) {
        return header != null && header.startsWith(SCHEME) ? header.substring(SCHEME.length()) : "";
    }

    private boolean isAdmins(String token) {
        // takes the same time wherever they differ
        return MessageDigest.isEqual(token.getBytes(StandardCharsets.UTF_8), admin);
    }

    /**
     * Who comes with a token. Fails with UNAUTHENTICATED {@code invalid-token}, EXHAUSTED {@code
     * too-many-guesses}, UNAVAILABLE {@code database-unavailable}.
     */
    public CompletionStage<Caller> caller(String token) {
        if (isAdmins(token)) {
            return CompletableFuture.completedFuture(Caller.BOOTSTRAP);
        }
        Optional<String> digest = ApiToken.digest(token);
        if (digest.isEmpty()) {
            return CompletableFuture.failedFuture(refusal());
        }
        if (guesses.areTooMany() && !goodLately.contains(digest.get())) {
            return CompletableFuture.failedFuture(Guesses.refusal());
        }
        return tokens.find(digest.get()).thenApply(found -> known(digest.get(), found));
    }

    private Caller known(String digest, Optional<ApiToken> token) {
        if (token.isEmpty()) {
            goodLately.remove(digest);
            guesses.count();
            throw refusal();
        }
        if (goodLately.size() >= MOST_GOOD) {
            goodLately.clear(); // of tokens that are revoked and came no more, most of them
        }
        goodLately.add(digest);
        if (token.get().isExpired(clock.now())) {
            throw new HearthException(
                    ErrorKind.UNAUTHENTICATED,
                    "token-expired",
                    "the token \""
                            + token.get().name()
                            + "\" expired at "
                            + token.get().expiresAt().orElseThrow()
                            + "; an admin can make another with `hearth tokens create`");
        }
        return token.get().caller();
    }

    private static HearthException refusal() {
        return new HearthException(
                ErrorKind.UNAUTHENTICATED,
                "invalid-token",
                "the admin API needs a token as Authorization: Bearer TOKEN: that of the file"
                        + " admin-token in the data directory, or one that `hearth tokens create`"
                        + " made and that is neither expired nor revoked");
    }
}
