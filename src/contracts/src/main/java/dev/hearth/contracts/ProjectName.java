package dev.hearth.contracts;

import java.util.regex.Pattern;

/**
 * A project's name: a DNS label of at most 30 characters, since it stands in the URLs of what is
 * its own, {@code NAME.PROJECT.DOMAIN}.
 */
public record ProjectName(String value) implements Comparable<ProjectName> {
    private static final Pattern VALID = Pattern.compile("[a-z]([a-z0-9-]{0,28}[a-z0-9])?");

    /** The one that is always there; its services' URLs do without its name. */
    public static final ProjectName DEFAULT = new ProjectName(UsageRecord.DEFAULT_PROJECT);

    /** Throws INVALID {@code invalid-project} when it is not such a label, or has "--" in it. */
    public ProjectName {
        if (!VALID.matcher(value).matches() || value.contains("--")) {
            throw HearthException.invalid(
                    "invalid-project",
                    "project name \""
                            + (value.length() <= 64 ? value : value.substring(0, 61) + "...")
                            + "\" is not valid: use 1 to 30 lower-case letters, digits and single"
                            + " dashes, starting with a letter, ending with a letter or digit");
        }
    }

    public boolean isDefault() {
        return value.equals(UsageRecord.DEFAULT_PROJECT);
    }

    /** A name within it, as the platform has it: that alone in the default project. */
    String qualify(String label) {
        return isDefault() ? label : label + "." + value;
    }

    /** What a qualified name is within its project. */
    static String label(String qualified) {
        int dot = qualified.indexOf('.');
        return dot < 0 ? qualified : qualified.substring(0, dot);
    }

    /** Whose a qualified name is; throws INVALID {@code invalid-name} for what is none. */
    static ProjectName of(String qualified) {
        int dot = qualified.indexOf('.');
        if (dot < 0) {
            return DEFAULT;
        }
        ProjectName project = new ProjectName(qualified.substring(dot + 1));
        if (project.isDefault()) {
            throw HearthException.invalid(
                    "invalid-name",
                    "\"" + qualified + "\" is in the default project, whose name is left out");
        }
        return project;
    }

    @Override
    public int compareTo(ProjectName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
