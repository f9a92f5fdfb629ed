package dev.hearth.gateway.access;

import dev.hearth.contracts.ApiToken;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.Role;
import dev.hearth.contracts.TokenPort;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Tokens in memory; answers come from another thread, as those of a database do. */
public final class MemoryTokens implements TokenPort {
    private final Map<String, ApiToken> byName = new TreeMap<>();
    private final Map<String, String> names = new TreeMap<>();
    private volatile Optional<HearthException> failure = Optional.empty();

    /** What the check asks about projects. */
    public final MemoryProjects projects = new MemoryProjects();

    /** How often somebody was looked up. */
    public int finds;

    /** What every call fails with from now on. */
    public void failWith(HearthException with) {
        failure = Optional.of(with);
    }

    /** The text of a new token that never expires. */
    public String give(String name, Role role) {
        return give(name, role, Optional.empty());
    }

    public String give(String name, Role role, Optional<Instant> expiresAt) {
        return give(name, ProjectName.DEFAULT, role, expiresAt);
    }

    /** The same, of a project. */
    public String give(String name, ProjectName project, Role role) {
        return give(name, project, role, Optional.empty());
    }

    private String give(String name, ProjectName project, Role role, Optional<Instant> expiresAt) {
        String text = ApiToken.text(new SecureRandom());
        ApiToken token = new ApiToken(name, project, role, Instant.EPOCH, expiresAt);
        create(Caller.BOOTSTRAP, token, ApiToken.digest(text).orElseThrow())
                .toCompletableFuture()
                .join();
        return text;
    }

    /** The check of a platform whose own token is "secret". */
    public Access access() {
        return new Access("secret", this, projects, Clock.system());
    }

    private <T> CompletionStage<T> answer(java.util.function.Supplier<T> call) {
        return CompletableFuture.supplyAsync(
                () -> {
                    failure.ifPresent(
                            why -> {
                                throw why;
                            });
                    synchronized (this) {
                        return call.get();
                    }
                });
    }

    @Override
    public CompletionStage<Optional<ApiToken>> find(String digest) {
        return answer(
                () -> {
                    finds++;
                    return Optional.ofNullable(names.get(digest)).map(byName::get);
                });
    }

    @Override
    public CompletionStage<List<ApiToken>> tokens() {
        return answer(() -> List.copyOf(byName.values()));
    }

    @Override
    public CompletionStage<Void> create(Caller by, ApiToken token, String digest) {
        return answer(
                () -> {
                    if (byName.putIfAbsent(token.name(), token) != null) {
                        throw new HearthException(ErrorKind.CONFLICT, "token-exists", "exists");
                    }
                    names.put(digest, token.name());
                    return null;
                });
    }

    @Override
    public CompletionStage<Void> revoke(Caller by, String name) {
        return answer(
                () -> {
                    if (byName.remove(name) == null) {
                        throw new HearthException(ErrorKind.NOT_FOUND, "token-not-found", "none");
                    }
                    return null;
                });
    }
}
