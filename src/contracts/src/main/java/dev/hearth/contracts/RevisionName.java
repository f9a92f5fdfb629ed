package dev.hearth.contracts;

import java.util.regex.Pattern;

/**
 * A revision's name, unique on the platform: {@code NAME-00003-k7d}, in another project than the
 * default one {@code NAME-00003-k7d.PROJECT}. What stands before the project has at most 63
 * characters.
 */
public record RevisionName(String value) {
    private static final Pattern VALID = Pattern.compile("[a-z]([a-z0-9-]{0,61}[a-z0-9])?");

    /** Throws INVALID {@code invalid-name} when it is not a DNS label. */
    public RevisionName {
        if (!VALID.matcher(ProjectName.label(value)).matches()) {
            throw HearthException.invalid(
                    "invalid-name", "revision name \"" + value + "\" is not a DNS label");
        }
        var _ = ProjectName.of(value);
    }

    /** The revision of a name in a project; a name with a project in it is INVALID. */
    public static RevisionName of(ProjectName project, String label) {
        if (label.indexOf('.') >= 0) {
            throw HearthException.invalid(
                    "invalid-name", "revision name \"" + label + "\" is not a DNS label");
        }
        return new RevisionName(project.qualify(label));
    }

    /**
     * The name of a service's revision.
     *
     * @param suffix what follows the service's name
     */
    public static RevisionName of(ServiceName service, String suffix) {
        return of(service.project(), service.label() + "-" + suffix);
    }

    /**
     * The name of a service's {@code number}-th revision.
     *
     * @param number counts from 1 within the service
     * @param suffix three or so random letters, so that a deleted and re-created service never
     *     reuses a name that logs and bills know
     */
    public static RevisionName of(ServiceName service, int number, String suffix) {
        return of(service, "%05d-%s".formatted(number, suffix));
    }

    /** Its name within its project. */
    public String label() {
        return ProjectName.label(value);
    }

    public ProjectName project() {
        return ProjectName.of(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
