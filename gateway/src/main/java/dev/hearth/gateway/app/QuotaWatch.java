package dev.hearth.gateway.app;

import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.ProjectPort;
import dev.hearth.contracts.Quota;
import dev.hearth.contracts.QuotaPort;
import dev.hearth.contracts.RegistryBounds;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * The quotas as they were when they were last read: looked at every few seconds, so that no start
 * waits for the database, and starts go on under it while that is away.
 */
final class QuotaWatch implements QuotaPort, RegistryBounds, Function<ProjectName, Quota> {
    private static final Logger LOG = Logger.getLogger(QuotaWatch.class);

    /** Between two looks. */
    static final long LOOK_MILLIS = 5_000;

    private final QuotaPort stored;
    private final ProjectPort projects;
    private volatile Map<ProjectName, Quota> last = Map.of();
    private volatile Set<String> others = Set.of();

    QuotaWatch(QuotaPort stored, ProjectPort projects) {
        this.stored = stored;
        this.projects = projects;
    }

    @Override
    public Quota apply(ProjectName project) {
        return last.getOrDefault(project, Quota.NONE);
    }

    /** Reads them; returns at once. */
    void look() {
        quotas().exceptionally(
                        away -> {
                            LOG.debugf("the quotas were not read: %s", away.getMessage());
                            return last;
                        });
        projects.projects()
                .thenAccept(this::remember)
                .exceptionally(
                        away -> {
                            LOG.debugf("the projects were not read: %s", away.getMessage());
                            return null;
                        });
    }

    private void remember(List<ProjectPort.Project> all) {
        others =
                all.stream()
                        .map(ProjectPort.Project::name)
                        .filter(name -> !name.isDefault())
                        .map(ProjectName::value)
                        .collect(Collectors.toUnmodifiableSet());
    }

    /** As {@link dev.hearth.gateway.access.Repositories} has it. */
    @Override
    public ProjectName owner(String repository) {
        int slash = repository.indexOf('/');
        String first = slash < 0 ? "" : repository.substring(0, slash);
        return others.contains(first) ? new ProjectName(first) : ProjectName.DEFAULT;
    }

    @Override
    public long mostBytes(ProjectName project) {
        return apply(project).storageBytes();
    }

    @Override
    public CompletionStage<Map<ProjectName, Quota>> quotas() {
        return stored.quotas().thenApply(this::remembered);
    }

    @Override
    public CompletionStage<Quota> set(Caller by, Quota quota) {
        return stored.set(by, quota)
                .thenCompose(set -> projects.projects())
                .thenAccept(
                        this::remember) // it may be new, and what is its must be its from now on
                .thenCompose(known -> quotas())
                .thenApply(all -> all.getOrDefault(by.project(), Quota.NONE));
    }

    private Map<ProjectName, Quota> remembered(Map<ProjectName, Quota> quotas) {
        last = Map.copyOf(quotas);
        return quotas;
    }
}
