package dev.hearth.contracts;

import java.util.regex.Pattern;

/**
 * A job's name, unique on the platform: {@code NAME} in the default project, {@code NAME.PROJECT}
 * in another. NAME is a DNS label of at most 43 characters, which leaves room for an execution's
 * suffix in a service's 49 and for a task's in a revision's 63.
 */
public record JobName(String value) implements Comparable<JobName> {
    /**
     * What a job's tasks are logged and billed under begins so; no service's name does, so that a
     * job and a service may have the same name.
     */
    public static final String SERVICE_PREFIX = "job--";

    private static final Pattern VALID = Pattern.compile("[a-z]([a-z0-9-]{0,41}[a-z0-9])?");

    /** Throws INVALID {@code invalid-name} when it is not such a label, or has "--" in it. */
    public JobName {
        String label = ProjectName.label(value);
        if (!VALID.matcher(label).matches() || label.contains("--")) {
            throw HearthException.invalid(
                    "invalid-name",
                    "job name \""
                            + (value.length() <= 64 ? value : value.substring(0, 61) + "...")
                            + "\" is not valid: use 1 to 43 lower-case letters, digits and dashes,"
                            + " starting with a letter, ending with a letter or digit, without"
                            + " \"--\"");
        }
        var _ = new ServiceName(SERVICE_PREFIX + value);
    }

    /** The job of a name in a project; a name with a project in it is INVALID. */
    public static JobName of(ProjectName project, String label) {
        if (label.indexOf('.') >= 0) {
            throw HearthException.invalid(
                    "invalid-name",
                    "job name \"" + label + "\" has a dot; the project is said apart from it");
        }
        return new JobName(project.qualify(label));
    }

    /** Its name within its project. */
    public String label() {
        return ProjectName.label(value);
    }

    public ProjectName project() {
        return ProjectName.of(value);
    }

    /** Under which its tasks are logged and billed. */
    public ServiceName asService() {
        return new ServiceName(SERVICE_PREFIX + value);
    }

    @Override
    public int compareTo(JobName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
