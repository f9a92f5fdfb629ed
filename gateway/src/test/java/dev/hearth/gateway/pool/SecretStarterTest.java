package dev.hearth.gateway.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.SecretName;
import dev.hearth.contracts.SecretValues;
import dev.hearth.gateway.access.MemorySecrets;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.Revisions;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SecretStarterTest {
    private final FakeRuntime runtime = new FakeRuntime("127.0.0.1", 1).startAtOnce();
    private final MemorySecrets secrets = new MemorySecrets();
    private final SecretStarter starter = new SecretStarter(runtime, secrets);

    private static RevisionSpec asking(String... mounts) {
        return Revisions.of("hello", 80, 5)
                .withContainer(
                        new ContainerSpec(
                                List.of(),
                                List.of(),
                                Map.of(),
                                8080,
                                false,
                                List.of(mounts).stream().map(SecretMount::parse).toList()));
    }

    private void put(String name, String value) throws Exception {
        secrets.create(
                        Caller.BOOTSTRAP,
                        new SecretName(name),
                        value.getBytes(StandardCharsets.UTF_8))
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    @Test
    void start_withoutSecrets_isTheRuntimesOwn() {
        assertThat(starter.start(asking()).toCompletableFuture()).isCompleted();
        assertThat(runtime.secrets()).containsExactly(SecretValues.NONE);
    }

    @Test
    void start_withSecrets_valuesOfThatMoment() throws Exception {
        for (String value : List.of("one", "two")) {
            put("db", value);
            starter.start(asking("A=db")).toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
        assertThat(runtime.secrets())
                .extracting(v -> new String(v.all().getFirst().bytes(), StandardCharsets.UTF_8))
                .containsExactly("one", "two");
    }

    @Test
    void start_secretIsNotThere_revisionCannotStart() {
        assertThatThrownBy(
                        () ->
                                starter.start(asking("A=none"))
                                        .toCompletableFuture()
                                        .get(20, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> {
                            assertThat(e.kind()).isEqualTo(ErrorKind.FAILED_PRECONDITION);
                            assertThat(e.reason()).isEqualTo("secret-not-found");
                            assertThat(e.sentence()).contains("hello-00001-abc", "none");
                        });
        assertThat(runtime.secrets()).isEmpty();
    }
}
