package dev.hearth.imagecache.sbom;

import dev.hearth.imagecache.rootfs.ImageFiles;
import java.io.IOException;

/** Where one package manager keeps what is installed. */
sealed interface PackageDatabase permits DpkgDatabase, ApkDatabase, RpmDatabase {
    /** The most bytes of a database; Debian's and Fedora's of a full desktop have 20 MiB. */
    int MOST_BYTES = 64 << 20;

    /**
     * Adds what it has; nothing when the image has no such database.
     *
     * @throws dev.hearth.imagecache.rootfs.BadFileException when it is damaged
     */
    void read(ImageFiles files, Inventory into) throws IOException;
}
