package dev.hearth.gateway.admin;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.AdminApi.QuotaBody;
import dev.hearth.contracts.AdminApi.QuotaUse;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ImageAdminPort;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.Quota;
import dev.hearth.contracts.QuotaPort;
import dev.hearth.gateway.access.Access;
import dev.hearth.gateway.pool.QuotaGate;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** What a project may have at most. */
final class QuotaRoutes {
    private static final String QUOTA = AdminApi.BASE + "/quota";
    private static final String NONE = "none";
    private static final long MOST_BODY_BYTES = 1 << 16;

    private final QuotaPort quotas;
    private final QuotaGate gate;
    private final CatalogPort catalog;
    private final ImageAdminPort images;
    private final Executor blocking;

    /**
     * @param gate knows what runs
     * @param catalog as a project sees it
     * @param images know what is in the registry
     * @param blocking runs what asks the nodes and reads the disk
     */
    QuotaRoutes(
            QuotaPort quotas,
            QuotaGate gate,
            CatalogPort catalog,
            ImageAdminPort images,
            Executor blocking) {
        this.quotas = quotas;
        this.gate = gate;
        this.catalog = catalog;
        this.images = images;
        this.blocking = blocking;
    }

    void register(Router router) {
        router.get(QUOTA)
                .handler(c -> Replies.reply(c, () -> quota(c).thenCompose(q -> body(c, q))));
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
                .thenCompose(q -> body(c, q));
    }

    private static Quota merged(QuotaBody wanted, Quota now) {
        return new Quota(
                (int) amount(wanted.services(), now.services(), QuotaRoutes::count),
                (int) amount(wanted.instances(), now.instances(), QuotaRoutes::count),
                amount(wanted.cpu(), now.cpuMillis(), text -> Cpu.parse(text).millis()),
                amount(wanted.memory(), now.memoryBytes(), QuotaRoutes::size),
                amount(wanted.storage(), now.storageBytes(), QuotaRoutes::size));
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

    private static long size(String text) {
        return DataSize.parse(text).bytes();
    }

    private CompletionStage<QuotaBody> body(RoutingContext c, Quota quota) {
        ProjectName project = Access.caller(c).project();
        return catalog.as(Access.caller(c))
                .services()
                .thenApplyAsync(
                        services -> {
                            QuotaGate.Use runs = gate.used(project);
                            return body(
                                    quota,
                                    new QuotaUse(
                                            Integer.toString(services.size()),
                                            Integer.toString(runs.instances()),
                                            cpu(runs.cpuMillis()),
                                            new DataSize(runs.memoryBytes()).toString(),
                                            new DataSize(images.registryBytes(project))
                                                    .toString()));
                        },
                        blocking);
    }

    /** As CPU is written, and however little or much it is. */
    private static String cpu(long millis) {
        return millis % 1000 == 0 ? Long.toString(millis / 1000) : millis + "m";
    }

    private static QuotaBody body(Quota q, QuotaUse used) {
        return new QuotaBody(
                q.services() == 0 ? NONE : Integer.toString(q.services()),
                q.instances() == 0 ? NONE : Integer.toString(q.instances()),
                q.cpuMillis() == 0 ? NONE : cpu(q.cpuMillis()),
                q.memoryBytes() == 0 ? NONE : new DataSize(q.memoryBytes()).toString(),
                q.storageBytes() == 0 ? NONE : new DataSize(q.storageBytes()).toString(),
                used);
    }
}
