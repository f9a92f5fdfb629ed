package dev.hearth.gateway.access;

import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.ProjectPort;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * For which project somebody calls. A token is of one project, and is refused for any other in the
 * same words, whether there is such a project or not; an admin calls for any that there is.
 */
public final class Scopes {
    /** Of names that were asked for. */
    private static final int MOST_REMEMBERED = 10_000;

    private final ProjectPort projects;
    private final Map<String, Boolean> known = new ConcurrentHashMap<>();

    Scopes(ProjectPort projects) {
        this.projects = projects;
    }

    /**
     * The caller, for the project that the call names. Fails with FORBIDDEN {@code
     * project-missing}; of an admin's, NOT_FOUND {@code project-not-found}.
     */
    public CompletionStage<Caller> named(Caller caller, String project) {
        return find(caller, project)
                .thenApply(found -> found.orElseThrow(() -> refusal(caller, project)));
    }

    /**
     * The caller, where the names of projects were of no account before there were several: an
     * unknown one is the default project still, for who may call for that.
     */
    public CompletionStage<Caller> alias(Caller caller, String project) {
        if (caller.project().isDefault() && !caller.isAdmin()) {
            return CompletableFuture.completedFuture(caller);
        }
        return find(caller, project)
                .thenApply(
                        found ->
                                found.or(
                                                () ->
                                                        caller.isAdmin()
                                                                ? Optional.of(caller)
                                                                : Optional.empty())
                                        .orElseThrow(() -> refusal(caller, project)));
    }

    /** Empty for a project that the caller cannot call for. */
    private CompletionStage<Optional<Caller>> find(Caller caller, String project) {
        if (project.equals(caller.project().value())) {
            return CompletableFuture.completedFuture(Optional.of(caller));
        }
        Optional<ProjectName> name = parse(project);
        if (!caller.isAdmin() || name.isEmpty()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return projects.exists(name.get())
                .thenApply(is -> is ? name.map(caller::in) : Optional.empty());
    }

    /**
     * Whether this is another project than the default one; as it was when it was last asked while
     * the database is away, and yes where nobody knows.
     */
    public CompletionStage<Boolean> isProject(String name) {
        Optional<ProjectName> project = parse(name).filter(p -> !p.isDefault());
        if (project.isEmpty()) {
            return CompletableFuture.completedFuture(false);
        }
        return projects.exists(project.get())
                .thenApply(is -> remembered(name, is))
                .exceptionally(away -> known.getOrDefault(name, true));
    }

    private boolean remembered(String name, boolean is) {
        if (known.size() >= MOST_REMEMBERED) {
            known.clear();
        }
        known.put(name, is);
        return is;
    }

    /** Whether there is no project but the default one. */
    public CompletionStage<Boolean> isAlone() {
        return projects.projects().thenApply(there -> there.size() == 1);
    }

    private static Optional<ProjectName> parse(String project) {
        try {
            return Optional.of(new ProjectName(project));
        } catch (HearthException noName) {
            return Optional.empty(); // the refusal says so
        }
    }

    private static HearthException refusal(Caller caller, String project) {
        String shown = project.length() <= 64 ? project : project.substring(0, 61) + "...";
        return caller.isAdmin()
                ? new HearthException(
                        ErrorKind.NOT_FOUND,
                        "project-not-found",
                        "there is no project \""
                                + shown
                                + "\"; `hearth projects list` lists those there are")
                : new HearthException(
                        ErrorKind.FORBIDDEN,
                        "project-missing",
                        "this needs a token of the project \""
                                + shown
                                + "\", and the token \""
                                + caller.name()
                                + "\" is of \""
                                + caller.project()
                                + "\"; an admin can make another with `hearth tokens create`");
    }
}
