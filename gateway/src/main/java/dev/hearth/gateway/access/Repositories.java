package dev.hearth.gateway.access;

import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Whose a repository of the platform's registry is: {@code P/NAME} the project P's where there is
 * one, any other the default project's. An admin may use all of them.
 */
public final class Repositories {
    private final Scopes scopes;

    public Repositories(Scopes scopes) {
        this.scopes = scopes;
    }

    /** Whether somebody may use a repository. */
    public CompletionStage<Boolean> areOf(Caller caller, String repository) {
        if (caller.isAdmin()) {
            return CompletableFuture.completedFuture(true);
        }
        int slash = repository.indexOf('/');
        String owner = slash < 0 ? "" : repository.substring(0, slash);
        if (!caller.project().isDefault()) {
            return CompletableFuture.completedFuture(owner.equals(caller.project().value()));
        }
        return owner.isEmpty()
                ? CompletableFuture.completedFuture(true)
                : scopes.isProject(owner).thenApply(is -> !is);
    }

    /** Whether somebody may see the names of all. */
    public CompletionStage<Boolean> areAllOf(Caller caller) {
        return caller.isAdmin()
                ? CompletableFuture.completedFuture(true)
                : caller.project().isDefault()
                        ? scopes.isAlone()
                        : CompletableFuture.completedFuture(false);
    }

    /** In the same words whether there is such a repository or not. */
    public static HearthException refusal(Caller caller, String what) {
        String own =
                caller.project().isDefault()
                        ? ""
                        : "; its own begin with " + caller.project() + "/";
        return new HearthException(
                ErrorKind.FORBIDDEN,
                "project-missing",
                what + " is not for tokens of the project \"" + caller.project() + "\"" + own);
    }
}
