package dev.hearth.contracts;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The projects there are. Fails with UNAVAILABLE {@code database-unavailable}. */
public interface ProjectPort {
    /** The most that there are. */
    int MOST = 1_000;

    /** All of them by name, the default one among them. */
    CompletionStage<List<Project>> projects();

    CompletionStage<Boolean> exists(ProjectName name);

    /**
     * Makes one. CONFLICT {@code project-exists}, also for one that is gone: its bill is still
     * there under its name. EXHAUSTED {@code too-many-projects}.
     */
    CompletionStage<Project> create(Caller by, ProjectName name);

    /**
     * Removes one that has neither services, nor jobs, nor secrets; its tokens go with it, its
     * usage and its part of the audit log stay. NOT_FOUND {@code project-not-found},
     * FAILED_PRECONDITION {@code project-not-empty}, INVALID {@code invalid-project} for the
     * default one.
     */
    CompletionStage<Void> delete(Caller by, ProjectName name);

    /** One of them. */
    record Project(ProjectName name, Instant createdAt) {}
}
