package dev.hearth.contracts;

import java.util.Locale;

/** What a token lets its holder do; each role may do what those before it may. */
public enum Role {
    /** Reads what is deployed, what it does, its logs and its bill. */
    VIEWER,
    /** Deploys, changes and deletes services, pushes images, writes secrets. */
    DEPLOYER,
    /** Gives out tokens, reads the audit log, stops the platform. */
    ADMIN;

    /** Whether this one may do what {@code wanted} may. */
    public boolean covers(Role wanted) {
        return compareTo(wanted) >= 0;
    }

    /** Throws INVALID {@code invalid-role} for a word that is none of them, in lower case. */
    public static Role parse(String text) {
        for (Role role : values()) {
            if (role.word().equals(text)) {
                return role;
            }
        }
        throw HearthException.invalid(
                "invalid-role", "role \"" + text + "\" is not viewer, deployer or admin");
    }

    /** As the API says it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
