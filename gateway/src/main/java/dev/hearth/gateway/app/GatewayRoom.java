package dev.hearth.gateway.app;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.AuditPort;
import dev.hearth.contracts.BudgetPort;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ImageAdminPort;
import dev.hearth.contracts.ProjectPort;
import dev.hearth.contracts.QuotaPort;
import dev.hearth.contracts.Room;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.ScalingPort;
import dev.hearth.contracts.SecretPort;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.TaskPort;
import dev.hearth.contracts.TaskUsagePort;
import dev.hearth.contracts.TokenPort;
import dev.hearth.contracts.UsagePort;
import dev.hearth.gateway.access.Access;
import dev.hearth.gateway.acme.AcmeCertificates;
import dev.hearth.gateway.acme.Challenges;
import dev.hearth.gateway.admin.AdminRoutes;
import dev.hearth.gateway.admin.BillSources;
import dev.hearth.gateway.admin.ItemParts;
import dev.hearth.gateway.admin.Keeping;
import dev.hearth.gateway.budget.Budgets;
import dev.hearth.gateway.demand.Sampler;
import dev.hearth.gateway.forward.InvokerToken;
import dev.hearth.gateway.forward.RegistryPass;
import dev.hearth.gateway.oidc.JwtCallers;
import dev.hearth.gateway.peer.Peers;
import dev.hearth.gateway.pool.QuotaGate;
import dev.hearth.gateway.pool.QuotaStarter;
import dev.hearth.gateway.pool.SecretStarter;
import dev.hearth.gateway.rollout.Rollouts;
import dev.hearth.gateway.route.Homes;
import dev.hearth.gateway.route.HostNames;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.route.Traffic;
import dev.hearth.gateway.tls.CertificateFiles;
import dev.hearth.gateway.trace.Tracing;
import dev.hearth.gateway.usage.UsageLog;
import dev.hearth.gateway.usage.UsageSender;
import io.opentelemetry.api.OpenTelemetry;
import io.quarkus.runtime.Quarkus;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Starts and stops the gateway: listeners, heartbeat, admin API. */
@ApplicationScoped
public class GatewayRoom implements Room {
    private static final Logger LOG = Logger.getLogger(GatewayRoom.class);
    private static final int DRAIN_MILLIS = 10_000;
    private static final int LISTEN_SECONDS = 10;
    private static final long STRAYS_MILLIS = 10_000;

    private final Vertx vertx;
    private final GatewayConfig config;
    private final Parts parts;
    private final OpenTelemetry telemetry;
    private final ExecutorService blocking =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("admin-", 0).factory());
    private volatile @Nullable DataPath dataPath;
    private volatile @Nullable Sampler sampler;
    private volatile @Nullable UsageSender sender;
    private volatile @Nullable Budgets budgets;
    private volatile @Nullable Rollouts rollouts;
    private volatile @Nullable AcmeCertificates acme;
    private volatile long straysTimer = -1;
    private volatile long quotaTimer = -1;

    /** What the other beans are made of. */
    @Singleton
    static class Parts {
        private final Routes routes;
        private final Traffic traffic;
        private final UsageLog usage;
        private final Optional<Peers> peers;
        private final QuotaWatch quotas;
        private final QuotaGate gate;
        private final ExecutorService checks =
                Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("quota-", 0).factory());

        @Inject
        Parts(
                GatewayConfig config,
                RuntimePort runtime,
                TaskPort tasks,
                SecretPort secrets,
                QuotaPort stored,
                ProjectPort projects,
                Instance<Peers> others) {
            this.quotas = new QuotaWatch(stored, projects);
            this.gate = new QuotaGate(runtime, tasks, this::route, quotas, Clock.system());
            this.peers = others.isResolvable() ? Optional.of(others.get()) : Optional.empty();
            this.usage = openUsage(config);
            this.routes = new Routes(new HostNames(config.domain()));
            Homes homes = peers.<Homes>map(p -> p).orElse(Homes.ALL_HERE);
            this.traffic =
                    new Traffic(
                            routes,
                            runtime,
                            Clock.system(),
                            usage,
                            homes,
                            new QuotaStarter(new SecretStarter(runtime, secrets), gate, checks));
            peers.ifPresent(p -> p.onChange(traffic::rehome));
            peers.ifPresent(p -> p.onStop(traffic::stopHere));
        }

        private Optional<Route> route(ServiceName service) {
            return traffic.route(service);
        }

        private static UsageLog openUsage(GatewayConfig config) {
            try {
                return UsageLog.open(
                        config.usageDirectory(),
                        config.billing().itemsKept(),
                        config.billing().itemsDisk().bytes(),
                        Clock.system());
            } catch (IOException e) {
                throw new HearthException(
                        ErrorKind.INTERNAL,
                        "usage-unwritable",
                        "usage cannot be counted in "
                                + config.usageDirectory()
                                + ": "
                                + e.getMessage(),
                        e);
            }
        }

        UsageLog usage() {
            return usage;
        }

        QuotaGate gate() {
            return gate;
        }

        @Produces
        @Singleton
        Traffic traffic() {
            return traffic;
        }
    }

    private final CatalogPort catalog;
    private final RuntimePort runtime;
    private final ImageAdminPort images;
    private final ScalingPort scaling;
    private final UsagePort bill;
    private final TaskUsagePort taskBill;
    private final ItemParts items;
    private final BudgetPort projectBudgets;
    private final KafkaLink kafka;
    private final Keeping keeping;
    private final JobBeans jobs;

    @Inject
    GatewayRoom(
            Vertx vertx,
            GatewayConfig config,
            Parts parts,
            OpenTelemetry telemetry,
            CatalogPort catalog,
            RuntimePort runtime,
            ImageAdminPort images,
            ScalingPort scaling,
            UsagePort bill,
            TokenPort tokens,
            AuditPort audit,
            BudgetPort projectBudgets,
            SecretPort secrets,
            TaskUsagePort taskBill,
            ProjectPort projects,
            KafkaLink kafka,
            JobBeans jobs) {
        this.jobs = jobs;
        this.vertx = vertx;
        this.config = config;
        this.parts = parts;
        this.telemetry = telemetry;
        this.catalog = catalog;
        this.runtime = runtime;
        this.images = images;
        this.scaling = scaling;
        this.bill = bill;
        this.taskBill = taskBill;
        this.items =
                new ItemParts(
                        parts.usage.itemised(),
                        config.billing().prices(),
                        parts.peers
                                .<ItemParts.Others>map(p -> p::items)
                                .orElse(ItemParts.Others.NONE),
                        blocking);
        parts.peers.ifPresent(p -> p.onItems(items::answer));
        this.projectBudgets = projectBudgets;
        this.kafka = kafka;
        this.keeping =
                new Keeping(
                        new Access(config.adminToken(), tokens, projects, Clock.system()),
                        tokens,
                        audit,
                        secrets,
                        parts.quotas,
                        parts.gate,
                        projects,
                        config.invokerToken());
    }

    void admin(@Observes Router router) {
        new AdminRoutes(
                        catalog,
                        jobs.jobs(),
                        jobs.tasks(),
                        runtime,
                        images,
                        scaling,
                        new BillSources(
                                bill, taskBill, config.billing().prices(), items, projectBudgets),
                        parts.traffic,
                        config.address(),
                        keeping,
                        config.registryToken(),
                        this::status,
                        Quarkus::asyncExit,
                        blocking)
                .register(router);
    }

    private AdminApi.Status status() {
        String version = getClass().getPackage().getImplementationVersion();
        UsageSender usage = sender;
        return new AdminApi.Status(
                version == null ? "development" : version,
                config.address().url(),
                Map.of(
                        "gateway",
                        dataPath == null ? "starting" : "serving",
                        "demandSamplesLost",
                        Long.toString(kafka.unsent()),
                        "usageRecordsSent",
                        Long.toString(usage == null ? 0 : usage.sent()),
                        "usageItemsLost",
                        Long.toString(parts.usage.itemsLost())));
    }

    private Optional<RegistryPass> registryPass() {
        String token = config.registryToken();
        return token.isEmpty()
                ? Optional.empty()
                : Optional.of(new RegistryPass(keeping.access(), keeping.audit(), token));
    }

    /** Whether requests are served. */
    boolean isServing() {
        return dataPath != null;
    }

    @Override
    public Step step() {
        return Step.TRAFFIC;
    }

    @Override
    public void start() {
        Clock clock = Clock.system();
        parts.traffic.endWhatIsLeft();
        Tracing tracing =
                config.tracing() ? Tracing.exporting(telemetry, clock) : Tracing.silent(clock);
        images.bound(parts.quotas);
        parts.quotas.look();
        Challenges challenges = new Challenges();
        DataPath path =
                new DataPath(
                        vertx,
                        parts.routes,
                        tracing,
                        clock,
                        config.rehearsals(),
                        images::registry,
                        registryPass(),
                        challenges,
                        new InvokerToken(config.invokerToken()),
                        Optional.of(new JwtCallers(clock, blocking)),
                        parts.peers,
                        config.proxies());
        Optional<AcmeCertificates> got =
                config.acme()
                        .map(
                                options ->
                                        new AcmeCertificates(
                                                options,
                                                parts.traffic::domains,
                                                challenges,
                                                clock));
        Optional<DataPath.Tls> tls =
                got.<Supplier<CertificateFiles>>map(certificates -> certificates::files)
                        .or(() -> config.certificates().map(files -> () -> files))
                        .map(files -> new DataPath.Tls(config.httpsPort(), files));
        try {
            path.listen(config.httpHost(), config.httpPort(), tls)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(LISTEN_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new HearthException(
                    ErrorKind.CONFLICT,
                    "port-in-use",
                    "port "
                            + config.httpPort()
                            + " cannot be listened on ("
                            + e.getMessage()
                            + "); stop what uses it, or choose another with --http-port",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw HearthException.from(e);
        }
        dataPath = path;
        got.ifPresent(AcmeCertificates::begin);
        acme = got.orElse(null);
        Sampler heartbeat = new Sampler(parts.traffic::awake, kafka::send, clock);
        sampler = heartbeat;
        heartbeat.start();
        parts.usage.start(config.usageInterval());
        sender = UsageSender.begin(parts.usage, config.brokers());
        Budgets watch =
                new Budgets(
                        parts.traffic::budgeted,
                        projectBudgets,
                        bill,
                        config.billing().prices(),
                        parts.traffic::spent,
                        kafka::send,
                        clock);
        budgets = watch;
        watch.start(config.usageInterval());
        quotaTimer = vertx.setPeriodic(QuotaWatch.LOOK_MILLIS, tick -> parts.quotas.look());
        Rollouts moving = new Rollouts(parts.traffic, catalog::move, clock);
        rollouts = moving;
        moving.start();
        straysTimer =
                vertx.setPeriodic(
                        STRAYS_MILLIS,
                        tick ->
                                parts.traffic.endStrays(
                                        TimeUnit.MILLISECONDS.toNanos(STRAYS_MILLIS)));
        parts.peers.ifPresent(Peers::serve);
        jobs.runner().start();
    }

    /**
     * The other gateways see to everything from now on; requests that still come are passed on to
     * them, until there are none for a while.
     */
    private void leaveToOthers(Peers peers) {
        if (!peers.hasOthers()) {
            return;
        }
        try {
            peers.leave()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(LISTEN_SECONDS, TimeUnit.SECONDS);
            Thread.sleep(config.drain().toMillis());
            for (int waited = 0; waited < DRAIN_MILLIS && isUsed(peers); waited += 10) {
                Thread.sleep(10);
            }
        } catch (ExecutionException | TimeoutException e) {
            LOG.warnf("the other gateways may not know that this one stops: %s", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isUsed(Peers peers) {
        return peers.passing() > 0
                || parts.traffic.activeRequests() > 0
                || parts.traffic.pools().stream().anyMatch(pool -> !pool.isEmpty());
    }

    /** Lets what is in flight finish, then closes. */
    @Override
    public void stop() {
        jobs.runner().close();
        AcmeCertificates certificates = acme;
        if (certificates != null) {
            certificates.close();
        }
        vertx.cancelTimer(straysTimer);
        vertx.cancelTimer(quotaTimer);
        DataPath path = dataPath;
        dataPath = null;
        if (path != null) {
            parts.peers.ifPresent(this::leaveToOthers);
            path.refuseNew();
            try {
                for (int waited = 0;
                        waited < DRAIN_MILLIS && parts.traffic.activeRequests() > 0;
                        waited += 10) {
                    Thread.sleep(10);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            long left = parts.traffic.activeRequests();
            if (left > 0) {
                LOG.warnf("%d requests did not finish within %d s", left, DRAIN_MILLIS / 1000);
            }
            path.close();
        }
        Sampler heartbeat = sampler;
        if (heartbeat != null) {
            heartbeat.close();
        }
        Rollouts moving = rollouts;
        if (moving != null) {
            moving.close();
        }
        Budgets watch = budgets;
        if (watch != null) {
            watch.close();
        }
        parts.usage.close();
        UsageSender usage = sender;
        if (usage != null) {
            usage.close();
        }
        blocking.shutdown();
        parts.checks.shutdown();
    }
}
