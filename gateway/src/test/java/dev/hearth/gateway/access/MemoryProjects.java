package dev.hearth.gateway.access;

import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.ProjectPort;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListSet;

/** Projects in memory, with the default one from the beginning. */
public final class MemoryProjects implements ProjectPort {
    private final Set<ProjectName> names = new ConcurrentSkipListSet<>(Set.of(ProjectName.DEFAULT));

    /** Makes one. */
    public ProjectName add(String name) {
        ProjectName project = new ProjectName(name);
        names.add(project);
        return project;
    }

    @Override
    public CompletionStage<List<Project>> projects() {
        return CompletableFuture.supplyAsync(
                () -> names.stream().map(n -> new Project(n, Instant.EPOCH)).toList());
    }

    @Override
    public CompletionStage<Boolean> exists(ProjectName name) {
        return CompletableFuture.supplyAsync(() -> names.contains(name));
    }

    @Override
    public CompletionStage<Project> create(Caller by, ProjectName name) {
        names.add(name);
        return CompletableFuture.completedFuture(new Project(name, Instant.EPOCH));
    }

    @Override
    public CompletionStage<Void> delete(Caller by, ProjectName name) {
        names.remove(name);
        return CompletableFuture.completedFuture(null);
    }
}
