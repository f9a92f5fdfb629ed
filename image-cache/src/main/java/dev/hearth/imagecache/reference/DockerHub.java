package dev.hearth.imagecache.reference;

import java.util.Set;

/**
 * The names of Docker Hub, which has more than one and whose own images stand in a namespace that
 * people leave out (see <a
 * href="https://pkg.go.dev/github.com/distribution/reference#ParseDockerRef">the distribution
 * project's rules</a>).
 */
public final class DockerHub {
    /** The host in references. */
    public static final String HOST = "docker.io";

    /** Where its API is. */
    public static final String API_HOST = "registry-1.docker.io";

    /** What {@code docker login} calls it, in its file and to credential helpers. */
    public static final String LOG_IN_SERVER = "https://index.docker.io/v1/";

    private static final Set<String> ALIASES = Set.of(HOST, "index.docker.io", API_HOST);

    private DockerHub() {}

    /** The host that references and log-ins are kept under: Docker Hub's one, or as it is. */
    public static String canonicalHost(String host) {
        return ALIASES.contains(host) ? HOST : host;
    }

    /**
     * The repository that {@code name} means at a host: {@code library/nginx} for {@code nginx}.
     */
    static String repository(String canonicalHost, String name) {
        return canonicalHost.equals(HOST) && name.indexOf('/') < 0 ? "library/" + name : name;
    }
}
