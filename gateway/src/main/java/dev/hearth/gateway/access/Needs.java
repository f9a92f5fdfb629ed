package dev.hearth.gateway.access;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.Role;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The role that a call of the admin port needs, by its method and path. Whatever only reads is a
 * viewer's, whatever else a deployer's; the exceptions are listed here.
 */
public final class Needs {
    private static final Set<String> READING = Set.of("GET", "HEAD");

    /** Of the platform itself: for whom it is there, and that it is there. */
    private static final List<String> ADMINS =
            List.of(
                    "/projects",
                    "/tokens",
                    "/audit",
                    "/shutdown",
                    "/images/prune",
                    "/budget",
                    "/reseal-secrets");

    /** What they answer lets images be pushed, and private services be called. */
    private static final Set<String> TELLING =
            Set.of(AdminApi.BASE + "/registry", AdminApi.BASE + "/invoker-token");

    /** Whoever it binds may see it. */
    private static final String QUOTA = AdminApi.BASE + "/quota";

    /** Calls of Cloud Run's API that read although they are POSTs. */
    private static final Pattern READING_VERBS =
            Pattern.compile("/v2/.*(:|%3A)(wait|testIamPermissions)");

    /** Its methods by gRPC, whose names say what they do. */
    private static final Pattern READING_METHODS =
            Pattern.compile("/google\\.[A-Za-z0-9.]+/(Get|List|Wait|Test)[A-Za-z]*");

    private Needs() {}

    /**
     * @param path normalized, without the query
     */
    public static Role of(String method, String path) {
        for (String admins : ADMINS) {
            String whole = AdminApi.BASE + admins;
            if (path.equals(whole) || path.startsWith(whole + "/")) {
                return Role.ADMIN;
            }
        }
        if (path.equals(QUOTA) && !READING.contains(method)) {
            return Role.ADMIN;
        }
        if (TELLING.contains(path)) {
            return Role.DEPLOYER;
        }
        boolean reads =
                READING.contains(method)
                        || READING_VERBS.matcher(path).matches()
                        || READING_METHODS.matcher(path).matches();
        return reads ? Role.VIEWER : Role.DEPLOYER;
    }
}
