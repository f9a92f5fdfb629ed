package dev.hearth.gateway.pool;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.SecretPort;
import dev.hearth.contracts.SecretValues;
import dev.hearth.contracts.StartedInstance;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Starts instances with the values that their secrets have at that moment. Revisions without
 * secrets are not held up: nothing is asked for them.
 */
public final class SecretStarter implements Starter {
    private final RuntimePort runtime;
    private final SecretPort secrets;

    public SecretStarter(RuntimePort runtime, SecretPort secrets) {
        this.runtime = runtime;
        this.secrets = secrets;
    }

    @Override
    public CompletionStage<StartedInstance> start(RevisionSpec revision) {
        List<SecretMount> wanted = revision.container().secrets();
        if (wanted.isEmpty()) {
            return runtime.start(revision);
        }
        return secrets.values(revision.service().project(), wanted)
                .handle((values, failure) -> values(values, failure, revision))
                .thenCompose(values -> runtime.start(revision, values));
    }

    private static SecretValues values(
            SecretValues values, Throwable failure, RevisionSpec revision) {
        if (failure == null) {
            return values;
        }
        HearthException why = HearthException.from(failure);
        throw why.kind() == ErrorKind.NOT_FOUND
                // the revision is what is wrong then, not what was asked for
                ? new HearthException(
                        ErrorKind.FAILED_PRECONDITION,
                        why.reason(),
                        "revision "
                                + revision.name()
                                + " cannot start without its secrets: "
                                + why.sentence())
                : why;
    }
}
