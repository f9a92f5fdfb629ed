package dev.hearth.contracts;

/**
 * Who asks for something, as the token that came with the call says.
 *
 * @param name of the token; the audit log has it
 * @param project that the token is of
 */
public record Caller(String name, Role role, String project) {
    /** Whoever has the platform's own admin token, of its data directory or its environment. */
    public static final Caller BOOTSTRAP =
            new Caller("bootstrap", Role.ADMIN, UsageRecord.DEFAULT_PROJECT);

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
