package dev.hearth.imagecache.sbom;

import dev.hearth.imagecache.rootfs.BadFileException;
import dev.hearth.imagecache.rootfs.ImageFile;
import dev.hearth.imagecache.rootfs.ImageFiles;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The database of Debian, Ubuntu and their kin: {@code /var/lib/dpkg/status}, or, in distroless
 * images, one file a package in {@code status.d}. Its fields are in deb-control(5). It does not
 * know licences.
 */
final class DpkgDatabase implements PackageDatabase {
    private static final String STATUS = "/var/lib/dpkg/status";
    private static final String DIRECTORY = "/var/lib/dpkg/status.d";
    private static final Set<String> FIELDS =
            Set.of("Package", "Status", "Version", "Architecture", "Source");

    /** States of dpkg(1) in which none of a package's programs are there. */
    private static final List<String> ABSENT = List.of("not-installed", "config-files");

    @Override
    public void read(ImageFiles files, Inventory into) throws IOException {
        Optional<ImageFile> status = files.find(STATUS);
        if (status.isPresent()) {
            read(status.get().read(MOST_BYTES), into);
        }
        long left = MOST_BYTES;
        for (String name : files.list(DIRECTORY, 2 * Inventory.MOST_PACKAGES)) {
            if (name.endsWith(".md5sums")) {
                continue; // checksums of that package's files
            }
            Optional<ImageFile> one = files.find(DIRECTORY + "/" + name);
            if (one.isPresent()) {
                left -= one.get().bytes();
                if (left < 0) {
                    throw new BadFileException(
                            "its " + DIRECTORY + " has more than " + MOST_BYTES + " bytes");
                }
                read(one.get().read(MOST_BYTES), into);
            }
        }
    }

    private static void read(byte[] text, Inventory into) throws IOException {
        Stanzas.each(
                text,
                FIELDS,
                fields -> {
                    String name = fields.getOrDefault("Package", "");
                    if (!name.isEmpty() && isThere(fields)) {
                        into.add(
                                new OsPackage(
                                        OsPackage.Kind.DEB,
                                        name,
                                        fields.getOrDefault("Version", ""),
                                        "",
                                        fields.getOrDefault("Architecture", ""),
                                        "",
                                        upstream(fields.getOrDefault("Source", ""))));
                    }
                });
    }

    /** "install ok installed": the third word is the state; distroless has no such field. */
    private static boolean isThere(Map<String, String> fields) {
        String status = fields.getOrDefault("Status", "");
        return !ABSENT.contains(status.substring(status.lastIndexOf(' ') + 1));
    }

    /** "gcc-12 (12.2.0-14)" or "gcc-12", of which the version is the package's own. */
    private static String upstream(String source) {
        int open = source.indexOf(" (");
        return open > 0 && source.endsWith(")")
                ? source.substring(0, open) + "@" + source.substring(open + 2, source.length() - 1)
                : source;
    }
}
