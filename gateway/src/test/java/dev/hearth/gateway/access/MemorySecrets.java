package dev.hearth.gateway.access;

import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.SecretName;
import dev.hearth.contracts.SecretPort;
import dev.hearth.contracts.SecretValues;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Secrets in memory, each of one version. */
public final class MemorySecrets implements SecretPort {
    private final Map<String, String> values = new TreeMap<>();

    /** Whatever they were asked to do. */
    public final List<String> calls = new java.util.concurrent.CopyOnWriteArrayList<>();

    /** The value of a secret; null when there is none. */
    public synchronized String value(String name) {
        return values.get(name);
    }

    private <T> CompletionStage<T> answer(Supplier<T> call) {
        return CompletableFuture.supplyAsync(
                () -> {
                    synchronized (this) {
                        return call.get();
                    }
                });
    }

    private static Version version(SecretName name, int number, State state) {
        return new Version(name, number, state, "k", Instant.EPOCH);
    }

    @Override
    public CompletionStage<List<Secret>> secrets(ProjectName project) {
        return answer(
                () ->
                        values.keySet().stream()
                                .map(n -> new Secret(new SecretName(n), 1, Instant.EPOCH))
                                .toList());
    }

    @Override
    public CompletionStage<List<Version>> versions(ProjectName project, SecretName name) {
        return answer(() -> List.of(version(name, 1, State.ENABLED)));
    }

    @Override
    public CompletionStage<Version> create(Caller by, SecretName name, byte[] value) {
        return answer(
                () -> {
                    values.put(name.value(), new String(value, StandardCharsets.UTF_8));
                    return version(name, 1, State.ENABLED);
                });
    }

    @Override
    public CompletionStage<Version> add(Caller by, SecretName name, byte[] value) {
        return create(by, name, value);
    }

    @Override
    public CompletionStage<Version> set(Caller by, SecretName name, int number, State state) {
        calls.add(by.name() + " " + state.word() + " " + name + " " + number);
        return answer(() -> version(name, number, state));
    }

    @Override
    public CompletionStage<Void> delete(Caller by, SecretName name) {
        calls.add(by.name() + " delete " + name);
        return answer(() -> null);
    }

    @Override
    public CompletionStage<Integer> reseal(Caller by) {
        return answer(() -> 3);
    }

    @Override
    public CompletionStage<SecretValues> values(ProjectName project, List<SecretMount> wanted) {
        return answer(
                () ->
                        new SecretValues(
                                wanted.stream()
                                        .map(m -> new SecretValues.Value(m.target(), found(m)))
                                        .toList()));
    }

    private byte[] found(SecretMount mount) {
        String value = values.get(mount.secret().value());
        if (value == null) {
            throw new HearthException(
                    ErrorKind.NOT_FOUND, "secret-not-found", "no secret " + mount.secret());
        }
        return value.getBytes(StandardCharsets.UTF_8);
    }
}
