package dev.hearth.contracts;

import java.util.regex.Pattern;

/**
 * A service's name, unique on the platform: {@code NAME} in the default project, {@code
 * NAME.PROJECT} in another. It is what its URL begins with. NAME is a DNS label of at most 49
 * characters (Cloud Run's limit, which leaves room for a revision's suffix in 63), and the whole
 * has at most 63.
 */
public record ServiceName(String value) {
    /** Taken: {@code registry.DOMAIN} is where images are pushed. */
    public static final String REGISTRY = "registry";

    private static final int LONGEST = 63;
    private static final Pattern VALID = Pattern.compile("[a-z]([a-z0-9-]{0,47}[a-z0-9])?");

    /**
     * Throws INVALID {@code invalid-name} when it is not such a label, has the tag mark "---", or
     * is {@link #REGISTRY}; {@code invalid-project}.
     */
    public ServiceName {
        String label = ProjectName.label(value);
        if (!VALID.matcher(label).matches() || label.contains("---")) {
            throw HearthException.invalid(
                    "invalid-name",
                    "service name \""
                            + shortened(value)
                            + "\" is not valid: use 1 to 49 lower-case letters, digits and dashes,"
                            + " starting with a letter, ending with a letter or digit, without"
                            + " \"---\"");
        }
        if (label.equals(REGISTRY)) {
            throw HearthException.invalid(
                    "invalid-name",
                    "the name \"registry\" is that of the platform's own registry; choose another");
        }
        var _ = ProjectName.of(value);
        if (value.length() > LONGEST) {
            throw HearthException.invalid(
                    "invalid-name",
                    "service name \""
                            + value
                            + "\" has more than "
                            + LONGEST
                            + " characters with its project's; choose a shorter one");
        }
    }

    /** The service of a name in a project; a name with a project in it is INVALID. */
    public static ServiceName of(ProjectName project, String label) {
        if (label.indexOf('.') >= 0) {
            throw HearthException.invalid(
                    "invalid-name",
                    "service name \""
                            + shortened(label)
                            + "\" is not valid: it has a dot; the project is said apart from it");
        }
        return new ServiceName(project.qualify(label));
    }

    /** Its name within its project. */
    public String label() {
        return ProjectName.label(value);
    }

    public ProjectName project() {
        return ProjectName.of(value);
    }

    private static String shortened(String value) {
        return value.length() <= 64 ? value : value.substring(0, 61) + "...";
    }

    @Override
    public String toString() {
        return value;
    }
}
