package dev.hearth.contracts;

/**
 * How much each project may keep in the platform's registry, as it is known at the moment: asked
 * from any thread, and answered at once.
 */
public interface RegistryBounds {
    /** All is the default project's, without a bound. */
    RegistryBounds NONE =
            new RegistryBounds() {
                @Override
                public ProjectName owner(String repository) {
                    return ProjectName.DEFAULT;
                }

                @Override
                public long mostBytes(ProjectName project) {
                    return 0;
                }
            };

    /** Whose a repository is, whether it is there yet or not. */
    ProjectName owner(String repository);

    /** The most that a project's repositories may have together; 0 for no bound. */
    long mostBytes(ProjectName project);
}
