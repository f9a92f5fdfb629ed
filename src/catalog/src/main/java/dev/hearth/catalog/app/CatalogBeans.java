package dev.hearth.catalog.app;

import dev.hearth.catalog.announce.Announcer;
import dev.hearth.catalog.announce.Follower;
import dev.hearth.catalog.announce.Reconciler;
import dev.hearth.catalog.announce.Turns;
import dev.hearth.catalog.deploy.Deployment;
import dev.hearth.catalog.deploy.Domains;
import dev.hearth.catalog.deploy.Drafting;
import dev.hearth.catalog.job.Jobs;
import dev.hearth.catalog.store.BudgetStore;
import dev.hearth.catalog.store.CatalogStore;
import dev.hearth.catalog.store.Database;
import dev.hearth.catalog.store.DomainStore;
import dev.hearth.catalog.store.JobQueueStore;
import dev.hearth.catalog.store.JobStore;
import dev.hearth.catalog.store.UsageStore;
import dev.hearth.contracts.Budget;
import dev.hearth.contracts.BudgetPort;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ImagePort;
import dev.hearth.contracts.JobPort;
import dev.hearth.contracts.JobQueuePort;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.Room;
import dev.hearth.contracts.SecretPort;
import dev.hearth.contracts.TrafficPort;
import dev.hearth.contracts.UsagePort;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;

/** Makes the catalog's parts, once, and offers its port and its room. */
@Singleton
class CatalogBeans {
    private final Catalog catalog;
    private final CatalogRoom room;
    private final UsageStore usage;
    private final Database database;
    private final BudgetStore budgets;
    private final JobCatalog jobs;

    @Inject
    CatalogBeans(
            Mutiny.SessionFactory sessions,
            Vertx vertx,
            ImagePort images,
            TrafficPort traffic,
            SecretPort secrets,
            @ConfigProperty(name = "quarkus.datasource.reactive.url") String url,
            @ConfigProperty(name = "quarkus.datasource.username") String user,
            @ConfigProperty(name = "quarkus.datasource.password") Optional<String> password,
            @ConfigProperty(name = "hearth.catalog.shared", defaultValue = "false")
                    boolean shared) {
        Clock clock = Clock.system();
        this.database = new Database(sessions, vertx);
        CatalogStore store = new CatalogStore(database);
        this.usage = new UsageStore(database);
        this.budgets = new BudgetStore(database);
        Announcer announcer = new Announcer(traffic, images);
        Turns turns = new Turns();
        Reconciler reconciler = new Reconciler(store, announcer, turns);
        ExecutorService blocking =
                Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("deploy-", 0).factory());
        Drafting drafting = new Drafting(clock, new SecureRandom());
        Deployment deployment =
                new Deployment(
                        store,
                        images,
                        traffic,
                        announcer,
                        reconciler,
                        turns,
                        drafting,
                        blocking,
                        clock);
        Domains domains =
                new Domains(new DomainStore(database), store, announcer, reconciler, turns, clock);
        this.catalog = new Catalog(deployment, store, domains);
        JobStore jobStore = new JobStore(database);
        this.jobs =
                new JobCatalog(
                        new Jobs(jobStore, images, secrets, blocking, clock, new SecureRandom()),
                        jobStore,
                        new JobQueueStore(database));
        DatabaseAddress address = new DatabaseAddress(url, user, password.orElse(""), clock);
        PgConnectOptions options = address.reactive();
        this.room =
                new CatalogRoom(
                        address,
                        store,
                        announcer,
                        reconciler,
                        shared
                                ? Optional.of(
                                        new Follower(vertx, options, store, announcer, reconciler))
                                : Optional.empty(),
                        blocking);
    }

    @Produces
    @ApplicationScoped
    CatalogPort catalog() {
        return catalog;
    }

    @Produces
    @ApplicationScoped
    JobPort jobs() {
        return jobs;
    }

    @Produces
    @ApplicationScoped
    JobQueuePort jobQueue() {
        return jobs;
    }

    @Produces
    @Singleton
    Database database() {
        return database;
    }

    @Produces
    @Singleton
    UsageStore usageStore() {
        return usage;
    }

    @Produces
    @ApplicationScoped
    UsagePort usage() {
        return query -> Catalog.begun(usage.usage(query));
    }

    @Produces
    @ApplicationScoped
    BudgetPort projectBudgets() {
        return new BudgetPort() {
            @Override
            public CompletionStage<Map<ProjectName, Budget>> budgets() {
                return Catalog.begun(budgets.budgets());
            }

            @Override
            public CompletionStage<Void> budget(Caller by, Budget budget) {
                return Catalog.begun(budgets.budget(by, budget));
            }
        };
    }

    @Produces
    @ApplicationScoped
    Room room() {
        return room;
    }
}
