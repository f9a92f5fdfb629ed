package dev.hearth.gateway.cloudrun;

import com.google.cloud.run.v2.EnvVar;
import com.google.cloud.run.v2.EnvVarSource;
import com.google.cloud.run.v2.SecretKeySelector;
import com.google.cloud.run.v2.SecretVolumeSource;
import com.google.cloud.run.v2.VersionToPath;
import com.google.cloud.run.v2.Volume;
import com.google.cloud.run.v2.VolumeMount;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.SecretMount;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A container's variables and secrets as Cloud Run's messages have them. */
final class SecretWriter {
    private SecretWriter() {}

    /** Names of all variables, in the alphabet's order. */
    static List<String> variables(ContainerSpec container) {
        return Stream.concat(
                        container.env().keySet().stream(),
                        container.secrets().stream()
                                .filter(s -> !s.isFile())
                                .map(SecretMount::target))
                .sorted()
                .toList();
    }

    /** With its value, or the secret that it is. */
    static EnvVar variable(ContainerSpec container, String name) {
        EnvVar.Builder variable = EnvVar.newBuilder().setName(name);
        for (SecretMount secret : container.secrets()) {
            if (secret.target().equals(name)) {
                SecretKeySelector.Builder key =
                        SecretKeySelector.newBuilder()
                                .setSecret(secret.secret().value())
                                .setVersion(secret.versionWord());
                return variable.setValueSource(EnvVarSource.newBuilder().setSecretKeyRef(key))
                        .build();
            }
        }
        return variable.setValue(container.env().getOrDefault(name, "")).build();
    }

    /** Where {@link #volumes} are. */
    static List<VolumeMount> mounts(ContainerSpec container) {
        List<VolumeMount> mounts = new ArrayList<>();
        for (int i = 0; i < container.secrets().size(); i++) {
            SecretMount secret = container.secrets().get(i);
            if (secret.isFile()) {
                mounts.add(
                        VolumeMount.newBuilder()
                                .setName(volume(i))
                                .setMountPath(secret.directory())
                                .build());
            }
        }
        return mounts;
    }

    /** One for each file: a directory may have files of several secrets. */
    static List<Volume> volumes(ContainerSpec container) {
        List<Volume> volumes = new ArrayList<>();
        for (int i = 0; i < container.secrets().size(); i++) {
            SecretMount secret = container.secrets().get(i);
            if (secret.isFile()) {
                VersionToPath.Builder item =
                        VersionToPath.newBuilder()
                                .setPath(secret.fileName())
                                .setVersion(secret.versionWord());
                volumes.add(
                        Volume.newBuilder()
                                .setName(volume(i))
                                .setSecret(
                                        SecretVolumeSource.newBuilder()
                                                .setSecret(secret.secret().value())
                                                .addItems(item))
                                .build());
            }
        }
        return volumes;
    }

    private static String volume(int number) {
        return "secret-" + number;
    }
}
