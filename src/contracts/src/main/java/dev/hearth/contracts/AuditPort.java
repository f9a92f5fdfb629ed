package dev.hearth.contracts;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/**
 * Who changed what, when, and how it was before and after. Changes of what is deployed, of tokens
 * and of secrets are written by the same transaction that makes them, so that neither is there
 * without the other. Fails with UNAVAILABLE {@code database-unavailable}.
 */
public interface AuditPort {
    /** The most entries of a page. */
    int MOST = 1_000;

    /** A page, newest first. */
    CompletionStage<Page> entries(Query query);

    /**
     * Writes down what changes nothing that is stored: a stop, a prune.
     *
     * @param action a verb
     * @param kind of thing it was done to
     * @param name of that thing; may be empty
     */
    CompletionStage<Void> note(Caller by, String action, String kind, String name);

    /**
     * @param project empty for all
     * @param who the token's name; empty for everybody
     * @param kind service, revision, token, …; empty for all
     * @param name of the thing; empty for all
     * @param before entries older than this one; empty for the newest
     * @param most 1 to {@link #MOST}
     */
    record Query(
            Optional<ProjectName> project,
            String who,
            String kind,
            String name,
            OptionalLong before,
            int most) {
        /** Throws INVALID {@code invalid-number}. */
        public Query {
            if (most < 1 || most > MOST) {
                throw HearthException.invalid(
                        "invalid-number", "most=" + most + " is not between 1 and " + MOST);
            }
        }
    }

    /**
     * @param next where the next page begins, as {@link Query#before}; empty at the end
     */
    record Page(List<Entry> entries, OptionalLong next) {}

    /**
     * A change.
     *
     * @param id that grows
     * @param who the name of the token; platform for what Hearth does by itself
     * @param action create, change, delete, or another verb
     * @param before JSON of what was; of a change only what it changed; empty for what was not
     * @param after JSON of what is since
     */
    record Entry(
            long id,
            Instant at,
            String project,
            String who,
            String action,
            String kind,
            String name,
            Optional<String> before,
            Optional<String> after) {}
}
