package dev.hearth.contracts;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The tokens of the admin API. Fails with UNAVAILABLE {@code database-unavailable}. */
public interface TokenPort {
    /** The most that there are. */
    int MOST = 1_000;

    /** The token of a {@link ApiToken#digest digest}, expired or not. */
    CompletionStage<Optional<ApiToken>> find(String digest);

    /** All of them by name. */
    CompletionStage<List<ApiToken>> tokens();

    /** CONFLICT {@code token-exists}, EXHAUSTED {@code too-many-tokens}. */
    CompletionStage<Void> create(Caller by, ApiToken token, String digest);

    /** From when this completes it is good for nothing. NOT_FOUND {@code token-not-found}. */
    CompletionStage<Void> revoke(Caller by, String name);
}
