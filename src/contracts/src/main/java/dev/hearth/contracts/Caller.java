package dev.hearth.contracts;

/**
 * Who asks for something, as the token that came with the call says.
 *
 * @param name of the token; the audit log has it
 * @param project that is asked for; the token's own, unless that is everybody's
 */
public record Caller(String name, Role role, ProjectName project) {
    /** Whoever has the platform's own admin token, of its data directory or its environment. */
    public static final Caller BOOTSTRAP = new Caller("bootstrap", Role.ADMIN, ProjectName.DEFAULT);

    /** The same, asking for something of another project. */
    public Caller in(ProjectName other) {
        return new Caller(name, role, other);
    }

    /** Whether it may ask for what is of any project, and of the platform. */
    public boolean isAdmin() {
        return role == Role.ADMIN;
    }

    /** Throws FORBIDDEN {@code role-missing}, with what is missing, when the role is less. */
    public void check(Role wanted) {
        if (!role.covers(wanted)) {
            throw new HearthException(
                    ErrorKind.FORBIDDEN,
                    "role-missing",
                    "this needs the role "
                            + wanted.word()
                            + ", and the token \""
                            + name
                            + "\" has the role "
                            + role.word()
                            + "; an admin can make another with `hearth tokens create`");
        }
    }
}
