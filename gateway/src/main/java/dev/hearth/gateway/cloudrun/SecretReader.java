package dev.hearth.gateway.cloudrun;

import com.google.cloud.run.v2.Container;
import com.google.cloud.run.v2.EnvVar;
import com.google.cloud.run.v2.EnvVarSource;
import com.google.cloud.run.v2.SecretKeySelector;
import com.google.cloud.run.v2.SecretVolumeSource;
import com.google.cloud.run.v2.VersionToPath;
import com.google.cloud.run.v2.Volume;
import com.google.cloud.run.v2.VolumeMount;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.SecretName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Secrets as Cloud Run's messages name them: in variables, and in volumes. */
final class SecretReader {
    /** A secret may be named with its project. */
    private static final Pattern NAME = Pattern.compile("(?:projects/[^/]+/secrets/)?([^/]+)");

    private SecretReader() {}

    static SecretMount variable(String path, EnvVar variable) {
        EnvVarSource source = variable.getValueSource();
        Sent.only(path + ".valueSource", source, Set.of("secretKeyRef"));
        if (!source.hasSecretKeyRef()) {
            throw Sent.wrong(path + ".valueSource.secretKeyRef", "is missing");
        }
        SecretKeySelector secret = source.getSecretKeyRef();
        Sent.only(path + ".valueSource.secretKeyRef", secret, Set.of("secret", "version"));
        return new SecretMount(
                variable.getName(),
                name(path + ".valueSource.secretKeyRef.secret", secret.getSecret()),
                version(secret.getVersion()));
    }

    private static SecretName name(String path, String sent) {
        Matcher name = NAME.matcher(sent);
        if (!name.matches()) {
            throw Sent.wrong(path, "is not the name of a secret");
        }
        return new SecretName(name.group(1));
    }

    private static int version(String sent) {
        return sent.isEmpty() ? SecretMount.LATEST : SecretMount.parseVersion(sent);
    }

    /** The files of a container's volumes, all of which have to be of secrets. */
    static List<SecretMount> files(
            String path, List<Volume> sent, String containerPath, Container container) {
        Map<String, Volume> volumes = new HashMap<>();
        for (int i = 0; i < sent.size(); i++) {
            Volume volume = sent.get(i);
            Sent.only(path + ".volumes[" + i + "]", volume, Set.of("name", "secret"));
            Sent.only(
                    path + ".volumes[" + i + "].secret",
                    volume.getSecret(),
                    Set.of("secret", "items", "defaultMode")); // all are its user's only
            if (!volume.hasSecret()) {
                throw Sent.wrong(path + ".volumes[" + i + "].secret", "is missing");
            }
            volumes.put(volume.getName(), volume);
        }
        List<SecretMount> files = new ArrayList<>();
        for (int i = 0; i < container.getVolumeMountsCount(); i++) {
            VolumeMount mount = container.getVolumeMounts(i);
            String mountPath = containerPath + ".volumeMounts[" + i + "]";
            Sent.only(mountPath, mount, Set.of("name", "mountPath"));
            Volume volume = volumes.get(mount.getName());
            if (volume == null) {
                throw Sent.wrong(mountPath + ".name", "is not that of a volume");
            }
            add(path + ".volumes", volume.getSecret(), mount.getMountPath(), files);
        }
        return files;
    }

    private static void add(
            String path, SecretVolumeSource volume, String mountPath, List<SecretMount> files) {
        SecretName secret = name(path + ".secret", volume.getSecret());
        if (volume.getItemsCount() == 0) {
            files.add(SecretMount.in(mountPath, secret.value(), secret, SecretMount.LATEST));
        }
        for (VersionToPath item : volume.getItemsList()) {
            if (files.size() > SecretMount.MOST) {
                return; // they are refused, before each of a volume's is at each mount
            }
            files.add(
                    SecretMount.in(mountPath, item.getPath(), secret, version(item.getVersion())));
        }
    }
}
