package dev.hearth.gateway.knative;

import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.SecretName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Volumes of secrets, and where a container has them; the key of an item is a version, as in Cloud
 * Run's reading of the same document.
 */
final class Volumes {
    /** A file of a volume. */
    private record Item(String path, SecretName secret, int version) {}

    private final Map<String, List<Item>> byName;

    private Volumes(Map<String, List<Item>> byName) {
        this.byName = byName;
    }

    /** Those of a template's spec. */
    static Volumes read(Fields spec) {
        Map<String, List<Item>> all = new HashMap<>();
        for (Fields volume : spec.objects("volumes")) {
            String name = volume.text("name").orElseThrow(() -> volume.missing("name"));
            Fields secret = volume.object("secret");
            all.put(name, items(secret));
            secret.end();
            volume.end();
        }
        return new Volumes(all);
    }

    private static List<Item> items(Fields volume) {
        SecretName secret =
                new SecretName(
                        volume.text("secretName").orElseThrow(() -> volume.missing("secretName")));
        List<Item> items = new ArrayList<>();
        for (Fields item : volume.objects("items")) {
            items.add(
                    new Item(
                            item.text("path").orElseThrow(() -> item.missing("path")),
                            secret,
                            SecretMount.parseVersion(item.text("key").orElse("latest"))));
            item.end();
        }
        return items.isEmpty()
                ? List.of(new Item(secret.value(), secret, SecretMount.LATEST))
                : items;
    }

    /** What a container has of them. */
    List<SecretMount> mounted(Fields container) {
        List<SecretMount> mounts = new ArrayList<>();
        for (Fields mount : container.objects("volumeMounts")) {
            String name = mount.text("name").orElseThrow(() -> mount.missing("name"));
            String path = mount.text("mountPath").orElseThrow(() -> mount.missing("mountPath"));
            List<Item> items = byName.get(name);
            if (items == null) {
                throw mount.wrong("name", "is not that of a volume");
            }
            mount.flag("readOnly"); // they are
            mount.end();
            for (Item item : items) {
                if (mounts.size() > SecretMount.MOST) {
                    return mounts; // which are refused, before each of a volume's is at each mount
                }
                mounts.add(SecretMount.in(path, item.path(), item.secret(), item.version()));
            }
        }
        return mounts;
    }
}
