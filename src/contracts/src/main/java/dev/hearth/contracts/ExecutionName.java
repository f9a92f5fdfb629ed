package dev.hearth.contracts;

import java.util.regex.Pattern;

/**
 * An execution's name, unique on the platform: {@code JOB-k7d2q}, in another project than the
 * default one {@code JOB-k7d2q.PROJECT}. What stands before the project has at most 49 characters.
 */
public record ExecutionName(String value) {
    private static final Pattern VALID = Pattern.compile("[a-z]([a-z0-9-]{0,47}[a-z0-9])?");

    /** Throws INVALID {@code invalid-name} when it is not a DNS label of that length. */
    public ExecutionName {
        if (!VALID.matcher(ProjectName.label(value)).matches()) {
            throw HearthException.invalid(
                    "invalid-name",
                    "execution name \""
                            + (value.length() <= 64 ? value : value.substring(0, 61) + "...")
                            + "\" is not a DNS label of at most 49 characters");
        }
        var _ = ProjectName.of(value);
    }

    /** The execution of a name in a project; a name with a project in it is INVALID. */
    public static ExecutionName of(ProjectName project, String label) {
        if (label.indexOf('.') >= 0) {
            throw HearthException.invalid(
                    "invalid-name", "execution name \"" + label + "\" is not a DNS label");
        }
        return new ExecutionName(project.qualify(label));
    }

    /**
     * The name of an execution of a job.
     *
     * @param suffix five random letters, so that no name comes twice
     */
    public static ExecutionName of(JobName job, String suffix) {
        return of(job.project(), job.label() + "-" + suffix);
    }

    /** Its name within its project. */
    public String label() {
        return ProjectName.label(value);
    }

    public ProjectName project() {
        return ProjectName.of(value);
    }

    /**
     * What a node knows an attempt at a task by; no two attempts have the same.
     *
     * @param index of the task, from 0
     * @param attempt from 0
     */
    public RevisionName attempt(int index, int attempt) {
        return RevisionName.of(project(), label() + "-" + index + "-" + attempt);
    }

    @Override
    public String toString() {
        return value;
    }
}
