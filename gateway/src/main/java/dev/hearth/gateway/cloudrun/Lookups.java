package dev.hearth.gateway.cloudrun;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Looking for what need not be there. */
final class Lookups {
    private Lookups() {}

    /** What is found; empty when the catalog says that there is none. */
    static <T> CompletionStage<Optional<T>> found(CompletionStage<T> lookup) {
        return lookup.thenApply(Optional::of)
                .exceptionally(
                        failure -> {
                            HearthException why = HearthException.from(failure);
                            if (why.kind() == ErrorKind.NOT_FOUND) {
                                return Optional.empty();
                            }
                            throw why;
                        });
    }
}
