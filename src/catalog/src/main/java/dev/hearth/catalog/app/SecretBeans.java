package dev.hearth.catalog.app;

import dev.hearth.catalog.secret.Sealing;
import dev.hearth.catalog.secret.SecretKeys;
import dev.hearth.catalog.store.Database;
import dev.hearth.catalog.store.SecretReader;
import dev.hearth.catalog.store.SecretStore;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.SecretName;
import dev.hearth.contracts.SecretPort;
import dev.hearth.contracts.SecretValues;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Offers the port of secrets. */
@Singleton
class SecretBeans {
    private final SecretStore store;
    private final SecretReader reader;

    /**
     * @param keys see {@link SecretKeys#parse}; without any there are no secrets
     */
    @Inject
    SecretBeans(
            Database database, @ConfigProperty(name = "hearth.secrets-key") Optional<String> keys) {
        Sealing sealing = new Sealing(SecretKeys.parse(keys.orElse("")), new SecureRandom());
        this.store = new SecretStore(database, sealing, Clock.system());
        this.reader = new SecretReader(store, sealing);
    }

    @Produces
    @ApplicationScoped
    SecretPort secrets() {
        return new Secrets(store, reader);
    }

    private record Secrets(SecretStore store, SecretReader reader) implements SecretPort {
        @Override
        public CompletionStage<List<Secret>> secrets(ProjectName project) {
            return Catalog.begun(store.secrets(project));
        }

        @Override
        public CompletionStage<List<Version>> versions(ProjectName project, SecretName name) {
            return Catalog.begun(store.versions(project, name));
        }

        @Override
        public CompletionStage<Version> create(Caller by, SecretName name, byte[] value) {
            return Catalog.begun(checked(value).chain(() -> store.create(by, name, value)));
        }

        @Override
        public CompletionStage<Version> add(Caller by, SecretName name, byte[] value) {
            return Catalog.begun(checked(value).chain(() -> store.add(by, name, value)));
        }

        private static Uni<Integer> checked(byte[] value) {
            return Uni.createFrom()
                    .item(
                            () -> {
                                if (value.length == 0 || value.length > MOST_BYTES) {
                                    throw HearthException.invalid(
                                            "invalid-secret",
                                            "a value of "
                                                    + value.length
                                                    + " bytes is not between 1 and "
                                                    + MOST_BYTES);
                                }
                                return value.length;
                            });
        }

        @Override
        public CompletionStage<Version> set(Caller by, SecretName name, int version, State state) {
            return Catalog.begun(
                    store.set(by, name, version, state)
                            .invoke(() -> reader.forget(by.project(), name)));
        }

        @Override
        public CompletionStage<Void> delete(Caller by, SecretName name) {
            return Catalog.begun(
                    store.delete(by, name).invoke(() -> reader.forget(by.project(), name)));
        }

        @Override
        public CompletionStage<Integer> reseal(Caller by) {
            return Catalog.begun(Uni.createFrom().deferred(() -> store.reseal(by)));
        }

        @Override
        public CompletionStage<SecretValues> values(ProjectName project, List<SecretMount> wanted) {
            return Catalog.begun(reader.values(project, wanted));
        }
    }
}
