package dev.hearth.imagecache.sbom;

import dev.hearth.imagecache.rootfs.ImageFile;
import dev.hearth.imagecache.rootfs.ImageFiles;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The database of Alpine and Wolfi, {@code lib/apk/db/installed}; see <a
 * href="https://wiki.alpinelinux.org/wiki/Apk_spec">its keys</a>.
 */
final class ApkDatabase implements PackageDatabase {
    /** The second since apk-tools 3, where {@code /lib} is a link or not there. */
    private static final List<String> PLACES =
            List.of("/lib/apk/db/installed", "/usr/lib/apk/db/installed");

    private static final Set<String> FIELDS = Set.of("P", "V", "A", "L", "o");

    @Override
    public void read(ImageFiles files, Inventory into) throws IOException {
        for (String place : PLACES) {
            Optional<ImageFile> installed = files.find(place);
            if (installed.isPresent()) {
                read(installed.get().read(MOST_BYTES), into);
            }
        }
    }

    private static void read(byte[] text, Inventory into) throws IOException {
        Stanzas.each(
                text,
                FIELDS,
                fields -> {
                    String name = fields.getOrDefault("P", "");
                    String origin = fields.getOrDefault("o", "");
                    if (!name.isEmpty()) {
                        into.add(
                                new OsPackage(
                                        OsPackage.Kind.APK,
                                        name,
                                        fields.getOrDefault("V", ""),
                                        "",
                                        fields.getOrDefault("A", ""),
                                        fields.getOrDefault("L", ""),
                                        origin.equals(name) ? "" : origin));
                    }
                });
    }
}
