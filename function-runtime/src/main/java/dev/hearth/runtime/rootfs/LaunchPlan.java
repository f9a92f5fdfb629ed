package dev.hearth.runtime.rootfs;

import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.SecretValues;
import dev.hearth.imagecache.StoredImage;
import dev.hearth.runtime.launcher.ProcessSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything about a revision's process that is the same for all its instances, worked out once.
 * What is set by whom, later ones winning: the image's ENV, the revision's env, the platform's own
 * names.
 */
public final class LaunchPlan {
    private static final String DEFAULT_PATH =
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /** As Docker begins it. */
    private static final String HOSTS =
            """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::\tip6-localnet
            ff00::\tip6-mcastprefix
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters
            """;

    private static final long DISK_INODES_PER_MEBIBYTE = 256;

    private final List<String> layers;
    private final List<String> args;
    private final List<String> env;
    private final UserLookup.User user;
    private final String workdir;
    private final String resolv;
    private final long diskBytes;

    private LaunchPlan(
            List<String> layers,
            List<String> args,
            List<String> env,
            UserLookup.User user,
            String workdir,
            String resolv,
            long diskBytes) {
        this.layers = layers;
        this.args = args;
        this.env = env;
        this.user = user;
        this.workdir = workdir;
        this.resolv = resolv;
        this.diskBytes = diskBytes;
    }

    /**
     * Throws INVALID {@code no-command} or {@code unknown-user} when the image does not say enough.
     *
     * @param resolv its {@code /etc/resolv.conf}
     */
    public static LaunchPlan of(RevisionSpec revision, StoredImage image, String resolv)
            throws IOException {
        List<String> layers = new ArrayList<>();
        for (int i = image.layers().size() - 1; i >= 0; i--) {
            layers.add(String.valueOf(image.layers().get(i).getFileName()));
        }
        UserLookup.User user = UserLookup.find(image);
        return new LaunchPlan(
                List.copyOf(layers),
                arguments(revision, image),
                environment(revision, image, user),
                user,
                absolute(image.config().workingDir()),
                resolv,
                revision.resources().memory().bytes());
    }

    private static String absolute(String directory) {
        return directory.startsWith("/") ? directory : "/" + directory;
    }

    /** What the launcher runs for one instance. */
    public ProcessSpec forInstance(InstanceId id, String address) {
        return forInstance(id, address, SecretValues.NONE);
    }

    /** The same, with what the instance is told beside; a variable wins over the image's. */
    public ProcessSpec forInstance(InstanceId id, String address, SecretValues secrets) {
        String hosts = HOSTS + address + "\t" + id + "\n";
        List<String> full = new ArrayList<>(env);
        for (SecretValues.Value secret : secrets.all()) {
            if (!secret.isFile()) {
                full.removeIf(variable -> variable.startsWith(secret.target() + "="));
                String value = new String(secret.bytes(), StandardCharsets.UTF_8);
                full.add(secret.target() + "=" + value);
            }
        }
        full.add("HOSTNAME=" + id);
        return new ProcessSpec(
                id.value(),
                workdir,
                hosts,
                resolv,
                layers,
                args,
                full,
                user.uid(),
                user.gid(),
                user.groups(),
                diskBytes,
                Math.max(1024, (diskBytes >> 20) * DISK_INODES_PER_MEBIBYTE),
                secrets.all().stream().filter(SecretValues.Value::isFile).toList());
    }

    /** The OCI rule: a new command replaces ENTRYPOINT and CMD, new args replace CMD. */
    private static List<String> arguments(RevisionSpec revision, StoredImage image) {
        List<String> command = revision.container().command();
        List<String> args = revision.container().args();
        List<String> all =
                new ArrayList<>(command.isEmpty() ? image.config().entrypoint() : command);
        if (!args.isEmpty()) {
            all.addAll(args);
        } else if (command.isEmpty()) {
            all.addAll(image.config().cmd());
        }
        if (all.isEmpty() || all.getFirst().isEmpty()) {
            throw HearthException.invalid(
                    "no-command",
                    "the image "
                            + revision.image()
                            + " has no ENTRYPOINT or CMD; say what to run with --command");
        }
        return List.copyOf(all);
    }

    private static List<String> environment(
            RevisionSpec revision, StoredImage image, UserLookup.User user) {
        Map<String, String> env = new LinkedHashMap<>();
        env.put("PATH", DEFAULT_PATH);
        env.put("HOME", user.home().isEmpty() ? "/" : user.home());
        for (String entry : image.config().env()) {
            int equals = entry.indexOf('=');
            if (equals > 0) {
                env.put(entry.substring(0, equals), entry.substring(equals + 1));
            }
        }
        env.putAll(revision.container().env());
        if (revision.container().runsToEnd()) {
            return entries(env); // what a task is, its own names say
        }
        env.put("PORT", Integer.toString(revision.container().port()));
        env.put("K_SERVICE", revision.service().label());
        env.put("K_CONFIGURATION", revision.service().label());
        env.put("K_REVISION", revision.name().label());
        return entries(env);
    }

    private static List<String> entries(Map<String, String> env) {
        return env.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
    }
}
