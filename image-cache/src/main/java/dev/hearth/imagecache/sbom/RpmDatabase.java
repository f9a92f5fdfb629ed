package dev.hearth.imagecache.sbom;

import dev.hearth.imagecache.rootfs.ImageFile;
import dev.hearth.imagecache.rootfs.ImageFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The database of Fedora, Red Hat, SUSE and their kin since rpm 4.16: {@code rpmdb.sqlite}. The
 * older formats, Berkeley DB and ndb, are not read but named as a gap.
 */
final class RpmDatabase implements PackageDatabase {
    private static final List<String> DIRECTORIES =
            List.of("/usr/lib/sysimage/rpm", "/var/lib/rpm");

    /** Not software: how rpm remembers whose signatures it trusts. */
    private static final String KEY = "gpg-pubkey";

    @Override
    public void read(ImageFiles files, Inventory into) throws IOException {
        Set<Path> seen = new HashSet<>(); // one directory is often a link to the other
        for (String directory : DIRECTORIES) {
            Optional<ImageFile> sqlite = files.find(directory + "/rpmdb.sqlite");
            if (sqlite.isEmpty()) {
                nameOlder(files, directory, into);
            } else if (seen.add(sqlite.get().path())) {
                RpmSqlite.each(
                        sqlite.get().atMost(MOST_BYTES), blob -> add(RpmHeader.parse(blob), into));
                if (hasContent(files, directory + "/rpmdb.sqlite-wal")) {
                    into.gap(
                            directory
                                    + "/rpmdb.sqlite-wal: changes that rpm had not written to its"
                                    + " database when the image was made");
                }
            }
        }
    }

    private static void add(RpmHeader header, Inventory into) throws IOException {
        String name = header.text(RpmHeader.NAME);
        if (name.isEmpty() || name.equals(KEY)) {
            return;
        }
        into.add(
                new OsPackage(
                        OsPackage.Kind.RPM,
                        name,
                        header.text(RpmHeader.VERSION) + "-" + header.text(RpmHeader.RELEASE),
                        header.text(RpmHeader.EPOCH),
                        header.text(RpmHeader.ARCH),
                        header.text(RpmHeader.LICENSE),
                        header.text(RpmHeader.SOURCE_RPM)));
    }

    private static void nameOlder(ImageFiles files, String directory, Inventory into)
            throws IOException {
        if (hasContent(files, directory + "/Packages.db")) {
            into.gap(directory + "/Packages.db: an rpm database in the ndb format");
        }
        if (hasContent(files, directory + "/Packages")) {
            into.gap(directory + "/Packages: an rpm database in the Berkeley DB format");
        }
    }

    private static boolean hasContent(ImageFiles files, String path) throws IOException {
        return files.find(path).map(ImageFile::bytes).orElse(0L) > 0;
    }
}
