package dev.hearth.gateway.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.AdminApi.AuditBody;
import dev.hearth.contracts.AdminApi.AuditEntry;
import dev.hearth.contracts.AdminApi.CreatedToken;
import dev.hearth.contracts.AdminApi.NewToken;
import dev.hearth.contracts.AdminApi.TokenBody;
import dev.hearth.contracts.ApiToken;
import dev.hearth.contracts.AuditPort;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Durations;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.Role;
import dev.hearth.contracts.TokenPort;
import dev.hearth.gateway.access.Access;
import dev.hearth.gateway.access.Scopes;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Who may do what, and who did: tokens and the audit log. */
final class AccessRoutes {
    private static final String TOKENS = AdminApi.BASE + "/tokens";
    private static final long MOST_BODY_BYTES = 1 << 16;
    private static final int ENTRIES = 100;
    private static final Duration LONGEST = Duration.ofDays(3650);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TokenPort tokens;
    private final AuditPort audit;
    private final Scopes scopes;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    AccessRoutes(Keeping keeping, Clock clock) {
        this.tokens = keeping.tokens();
        this.audit = keeping.audit();
        this.scopes = keeping.access().scopes();
        this.clock = clock;
    }

    void register(Router router) {
        router.get(TOKENS).handler(c -> Replies.reply(c, this::list));
        router.post(TOKENS).handler(BodyHandler.create(false).setBodyLimit(MOST_BODY_BYTES));
        router.post(TOKENS).handler(c -> Replies.reply(c, () -> create(c)));
        router.delete(TOKENS + "/:name")
                .handler(
                        c ->
                                Replies.reply(
                                        c,
                                        () ->
                                                tokens.revoke(
                                                        Access.caller(c), c.pathParam("name"))));
        router.get(AdminApi.BASE + "/audit").handler(c -> Replies.reply(c, () -> audit(c)));
    }

    private CompletionStage<List<TokenBody>> list() {
        return tokens.tokens().thenApply(all -> all.stream().map(this::body).toList());
    }

    private TokenBody body(ApiToken t) {
        return new TokenBody(
                t.name(),
                t.project().value(),
                t.role().word(),
                t.createdAt().toString(),
                t.expiresAt().map(Instant::toString).orElse(null),
                t.isExpired(clock.now()));
    }

    private CompletionStage<CreatedToken> create(RoutingContext c) {
        NewToken wanted = Bodies.parse(c, "new token", NewToken.class);
        Caller by = Access.caller(c);
        String named = wanted.project();
        return named == null
                ? create(by, wanted)
                : scopes.named(by, new ProjectName(named).value())
                        .thenCompose(there -> create(there, wanted));
    }

    /** For the project that somebody calls for. */
    private CompletionStage<CreatedToken> create(Caller by, NewToken wanted) {
        Instant now = clock.now().truncatedTo(ChronoUnit.MICROS);
        ApiToken token =
                new ApiToken(
                        Bodies.required(wanted.name(), "name"),
                        by.project(),
                        Role.parse(Bodies.required(wanted.role(), "role")),
                        now,
                        Optional.ofNullable(wanted.expires()).map(after -> now.plus(life(after))));
        String text = ApiToken.text(random);
        return tokens.create(by, token, ApiToken.digest(text).orElseThrow())
                .thenApply(made -> new CreatedToken(body(token), text));
    }

    private static Duration life(String text) {
        Duration life = Durations.parse(text);
        if (life.isZero() || life.compareTo(LONGEST) > 0) {
            throw HearthException.invalid(
                    "invalid-duration",
                    "a token that expires after "
                            + text
                            + " is not possible; it may be up to "
                            + LONGEST.toHours()
                            + "h, or never");
        }
        return life;
    }

    private CompletionStage<AuditBody> audit(RoutingContext c) {
        String before = c.request().getParam("before", "");
        AuditPort.Query query =
                new AuditPort.Query(
                        Optional.ofNullable(c.request().getParam("project")).map(ProjectName::new),
                        c.request().getParam("who", ""),
                        c.request().getParam("kind", ""),
                        c.request().getParam("name", ""),
                        before.isEmpty()
                                ? OptionalLong.empty()
                                : OptionalLong.of(number("before", before)),
                        most(c.request().getParam("most", "" + ENTRIES)));
        return audit.entries(query)
                .thenApply(
                        page ->
                                new AuditBody(
                                        page.entries().stream().map(AccessRoutes::entry).toList(),
                                        page.next().isPresent() ? page.next().getAsLong() : null));
    }

    private static long number(String name, String text) {
        if (!text.matches("\\d{1,18}")) {
            throw HearthException.invalid(
                    "invalid-number", name + "=\"" + text + "\" is not a number");
        }
        return Long.parseLong(text);
    }

    private static int most(String text) {
        return (int) Math.min(number("most", text), Integer.MAX_VALUE);
    }

    private static AuditEntry entry(AuditPort.Entry e) {
        return new AuditEntry(
                e.id(),
                e.at().toString(),
                e.project(),
                e.who(),
                e.action(),
                e.kind(),
                e.name(),
                json(e.before()),
                json(e.after()));
    }

    private static @Nullable JsonNode json(Optional<String> text) {
        if (text.isEmpty()) {
            return null;
        }
        try {
            return JSON.readTree(text.get());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("PostgreSQL checked that it is JSON", e);
        }
    }
}
