package dev.hearth.gateway.admin;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.AdminApi.QuotaBody;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Quota;
import dev.hearth.contracts.QuotaPort;
import dev.hearth.gateway.access.Access;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.concurrent.CompletionStage;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** What a project may have at most. */
final class QuotaRoutes {
    private static final String QUOTA = AdminApi.BASE + "/quota";
    private static final String NONE = "none";
    private static final long MOST_BODY_BYTES = 1 << 16;

    private final QuotaPort quotas;

    QuotaRoutes(QuotaPort quotas) {
        this.quotas = quotas;
    }

    void register(Router router) {
        router.get(QUOTA)
                .handler(c -> Replies.reply(c, () -> quota(c).thenApply(QuotaRoutes::body)));
        router.post(QUOTA).handler(BodyHandler.create(false).setBodyLimit(MOST_BODY_BYTES));
        router.post(QUOTA).handler(c -> Replies.reply(c, () -> set(c)));
    }

    private CompletionStage<Quota> quota(RoutingContext c) {
        return quotas.quotas()
                .thenApply(all -> all.getOrDefault(Access.caller(c).project(), Quota.NONE));
    }

    private CompletionStage<QuotaBody> set(RoutingContext c) {
        QuotaBody wanted = Bodies.parse(c, "quota", QuotaBody.class);
        return quota(c).thenCompose(now -> quotas.set(Access.caller(c), merged(wanted, now)))
                .thenApply(QuotaRoutes::body);
    }

    private static Quota merged(QuotaBody wanted, Quota now) {
        return new Quota(
                (int) amount(wanted.services(), now.services(), QuotaRoutes::count),
                (int) amount(wanted.instances(), now.instances(), QuotaRoutes::count),
                amount(wanted.cpu(), now.cpuMillis(), text -> Cpu.parse(text).millis()),
                amount(wanted.memory(), now.memoryBytes(), text -> DataSize.parse(text).bytes()));
    }

    private static long amount(@Nullable String text, long now, ToLongFunction<String> read) {
        return text == null ? now : text.equals(NONE) ? 0 : read.applyAsLong(text);
    }

    private static long count(String text) {
        if (!text.matches("[1-9]\\d{0,8}")) {
            throw HearthException.invalid(
                    "invalid-quota", "\"" + text + "\" is neither a number from 1 nor none");
        }
        return Long.parseLong(text);
    }

    private static QuotaBody body(Quota q) {
        return new QuotaBody(
                q.services() == 0 ? NONE : Integer.toString(q.services()),
                q.instances() == 0 ? NONE : Integer.toString(q.instances()),
                q.cpuMillis() == 0 ? NONE : new Cpu((int) q.cpuMillis()).toString(),
                q.memoryBytes() == 0 ? NONE : new DataSize(q.memoryBytes()).toString());
    }
}
