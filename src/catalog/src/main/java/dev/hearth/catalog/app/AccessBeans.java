package dev.hearth.catalog.app;

import dev.hearth.catalog.store.AuditStore;
import dev.hearth.catalog.store.Database;
import dev.hearth.catalog.store.ProjectStore;
import dev.hearth.catalog.store.QuotaStore;
import dev.hearth.catalog.store.TokenStore;
import dev.hearth.contracts.ApiToken;
import dev.hearth.contracts.AuditPort;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.ProjectPort;
import dev.hearth.contracts.Quota;
import dev.hearth.contracts.QuotaPort;
import dev.hearth.contracts.TokenPort;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Offers the ports of who may do what, and who did. */
@Singleton
class AccessBeans {
    private final TokenStore tokens;
    private final AuditStore audit;
    private final QuotaStore quotas;
    private final ProjectStore projects;

    @Inject
    AccessBeans(Database database) {
        this.tokens = new TokenStore(database);
        this.audit = new AuditStore(database);
        this.quotas = new QuotaStore(database);
        this.projects = new ProjectStore(database);
    }

    @Produces
    @Singleton
    AuditStore auditStore() {
        return audit;
    }

    @Produces
    @ApplicationScoped
    TokenPort tokens() {
        return new Tokens(tokens);
    }

    @Produces
    @ApplicationScoped
    AuditPort audit() {
        return new Audit(audit);
    }

    @Produces
    @ApplicationScoped
    QuotaPort quotas() {
        return new Quotas(quotas);
    }

    @Produces
    @ApplicationScoped
    ProjectPort projects() {
        return new Projects(projects);
    }

    private record Projects(ProjectStore store) implements ProjectPort {
        @Override
        public CompletionStage<List<Project>> projects() {
            return Catalog.begun(store.projects());
        }

        @Override
        public CompletionStage<Boolean> exists(ProjectName name) {
            return Catalog.begun(store.exists(name));
        }

        @Override
        public CompletionStage<Project> create(Caller by, ProjectName name) {
            return Catalog.begun(store.create(by, name));
        }

        @Override
        public CompletionStage<Void> delete(Caller by, ProjectName name) {
            return Catalog.begun(store.delete(by, name));
        }
    }

    private record Quotas(QuotaStore store) implements QuotaPort {
        @Override
        public CompletionStage<Map<ProjectName, Quota>> quotas() {
            return Catalog.begun(store.quotas());
        }

        @Override
        public CompletionStage<Quota> set(Caller by, Quota quota) {
            return Catalog.begun(store.set(by, quota));
        }
    }

    private record Tokens(TokenStore store) implements TokenPort {
        @Override
        public CompletionStage<Optional<ApiToken>> find(String digest) {
            return Catalog.begun(store.find(digest));
        }

        @Override
        public CompletionStage<List<ApiToken>> tokens() {
            return Catalog.begun(store.tokens());
        }

        @Override
        public CompletionStage<Void> create(Caller by, ApiToken token, String digest) {
            return Catalog.begun(store.create(by, token, digest));
        }

        @Override
        public CompletionStage<Void> revoke(Caller by, String name) {
            return Catalog.begun(store.revoke(by, name));
        }
    }

    private record Audit(AuditStore store) implements AuditPort {
        @Override
        public CompletionStage<Page> entries(Query query) {
            return Catalog.begun(store.entries(query));
        }

        @Override
        public CompletionStage<Void> note(Caller by, String action, String kind, String name) {
            return Catalog.begun(store.note(by, action, kind, name));
        }
    }
}
