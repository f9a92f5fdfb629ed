package dev.hearth.contracts;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What runs in an instance, on top of what its image says.
 *
 * @param command replaces the image's ENTRYPOINT (and CMD) when not empty
 * @param args replaces the image's CMD when not empty
 * @param env added to the image's ENV; wins over it
 * @param port where the container listens, told to it as {@code PORT}; {@link #NO_PORT} for one
 *     that does not and runs to its end, as a job's task
 * @param http2 whether it is spoken to in HTTP/2 without TLS (h2c, RFC 9113 section 3.3), as gRPC
 *     needs, instead of HTTP/1.1
 * @param secrets that it is told, at their targets
 * @param probes by which it is asked how it is
 */
public record ContainerSpec(
        List<String> command,
        List<String> args,
        Map<String, String> env,
        int port,
        boolean http2,
        List<SecretMount> secrets,
        Probes probes) {
    /** Of a container that runs to its end. */
    public static final int NO_PORT = 0;

    /** Names that the platform sets itself. */
    public static final Set<String> RESERVED_ENV =
            Set.of("PORT", "K_SERVICE", "K_REVISION", "K_CONFIGURATION");

    /**
     * The most bytes of command, arguments and environment together: a quarter of Linux's 2 MiB.
     */
    public static final int MOST_BYTES = 512 * 1024;

    private static final Pattern ENV_NAME = Pattern.compile("[^=\\x00]{1,256}");

    /** One that speaks HTTP/1.1. */
    public ContainerSpec(
            List<String> command, List<String> args, Map<String, String> env, int port) {
        this(command, args, env, port, false);
    }

    /** One without secrets. */
    public ContainerSpec(
            List<String> command,
            List<String> args,
            Map<String, String> env,
            int port,
            boolean http2) {
        this(command, args, env, port, http2, List.of());
    }

    /** One that is ready when it takes connections. */
    public ContainerSpec(
            List<String> command,
            List<String> args,
            Map<String, String> env,
            int port,
            boolean http2,
            List<SecretMount> secrets) {
        this(command, args, env, port, http2, secrets, Probes.NONE);
    }

    /** Throws INVALID with the field named when something cannot be given to a process. */
    public ContainerSpec {
        command = List.copyOf(command);
        args = List.copyOf(args);
        env = Map.copyOf(env);
        // in one order, so that two that ask for the same are equal
        secrets = secrets.stream().sorted(Comparator.comparing(SecretMount::target)).toList();
        checkSecrets(secrets, env);
        if (port < 0 || port > 65535) {
            throw HearthException.invalid(
                    "invalid-port", "port " + port + " is not between 1 and 65535");
        }
        long bytes = 0;
        for (String name : env.keySet()) {
            if (!ENV_NAME.matcher(name).matches()) {
                throw HearthException.invalid(
                        "invalid-env",
                        "environment name \"" + name + "\" is empty, too long or has =");
            }
            if (RESERVED_ENV.contains(name)) {
                throw HearthException.invalid(
                        "reserved-env",
                        "environment name " + name + " is set by the platform; choose another");
            }
            bytes += name.length() + textBytes("environment", env.get(name));
        }
        for (String word : command) {
            bytes += textBytes("command", word);
        }
        for (String word : args) {
            bytes += textBytes("args", word);
        }
        if (bytes > MOST_BYTES) {
            throw HearthException.invalid(
                    "invalid-command",
                    "command, arguments and environment have "
                            + bytes
                            + " bytes; the most is "
                            + MOST_BYTES);
        }
    }

    private static void checkSecrets(List<SecretMount> secrets, Map<String, String> env) {
        if (secrets.size() > SecretMount.MOST) {
            throw HearthException.invalid(
                    "invalid-secret",
                    secrets.size() + " secrets are more than the most, " + SecretMount.MOST);
        }
        Set<String> targets = new HashSet<>();
        for (SecretMount secret : secrets) {
            if (!targets.add(secret.target()) || env.containsKey(secret.target())) {
                throw HearthException.invalid(
                        "invalid-secret", "\"" + secret.target() + "\" is given two values");
            }
            if (RESERVED_ENV.contains(secret.target())) {
                throw HearthException.invalid(
                        "reserved-env",
                        "environment name "
                                + secret.target()
                                + " is set by the platform; choose another");
            }
            checkAlone(secret, secrets);
        }
    }

    /** A directory of secrets cannot be inside another one, nor a file be one. */
    private static void checkAlone(SecretMount secret, List<SecretMount> all) {
        for (SecretMount other : all) {
            if (secret.isFile()
                    && other.isFile()
                    && other.target().startsWith(secret.directory() + "/")
                    && !other.directory().equals(secret.directory())) {
                throw HearthException.invalid(
                        "invalid-secret",
                        "secret at \""
                                + other.target()
                                + "\" is below the directory of another one, "
                                + secret.directory()
                                + ", which holds files only; choose a directory beside it");
            }
        }
    }

    /** One that runs to its end. */
    public static ContainerSpec toEnd(
            List<String> command, List<String> args, Map<String, String> env) {
        return toEnd(command, args, env, List.of());
    }

    /** The same, which is told secrets. */
    public static ContainerSpec toEnd(
            List<String> command,
            List<String> args,
            Map<String, String> env,
            List<SecretMount> secrets) {
        return new ContainerSpec(command, args, env, NO_PORT, false, secrets);
    }

    /** Whether it is not there to take requests, but until it is done. */
    public boolean runsToEnd() {
        return port == NO_PORT;
    }

    private static long textBytes(String what, String text) {
        if (text.indexOf('\0') >= 0) {
            throw HearthException.invalid("invalid-" + what, what + " has a NUL character");
        }
        return text.length() + 2L;
    }
}
