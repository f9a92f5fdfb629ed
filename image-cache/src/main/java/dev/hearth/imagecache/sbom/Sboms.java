package dev.hearth.imagecache.sbom;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.StoredImage;
import dev.hearth.imagecache.reference.ImageReference;
import dev.hearth.imagecache.reference.ReferenceParser;
import dev.hearth.imagecache.rootfs.BadFileException;
import dev.hearth.imagecache.rootfs.ImageFiles;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/**
 * Software bills of materials: <a href="https://cyclonedx.org/docs/1.6/json/">CycloneDX 1.6</a>
 * JSON of the operating system's packages in an image, by what its package databases say. Nothing
 * of the image is run, and what it was built with beside packages is not seen.
 */
public final class Sboms {
    private static final List<PackageDatabase> DATABASES =
            List.of(new DpkgDatabase(), new ApkDatabase(), new RpmDatabase());

    private Sboms() {}

    /**
     * The document, UTF-8. A database that is there but cannot be read is named in a property of
     * the metadata, {@code hearth:sbom:not-read}.
     *
     * @param reference that the image is known by
     * @param when the document's time; all else depends on the image and the reference alone
     * @throws HearthException INVALID {@code corrupt-image} when a database is damaged or too large
     */
    public static byte[] of(StoredImage image, String reference, Instant when) {
        ImageReference name = ReferenceParser.parse(reference);
        ImageFiles files = new ImageFiles(image.layers());
        Inventory inventory = new Inventory();
        OsRelease os;
        try {
            os = OsRelease.read(files);
            for (PackageDatabase database : DATABASES) {
                database.read(files, inventory);
            }
        } catch (BadFileException e) {
            throw new HearthException(
                    ErrorKind.INVALID,
                    "corrupt-image",
                    "the packages of image "
                            + name
                            + " cannot be listed: "
                            + e.getMessage()
                            + "; build the image again with a sound package database",
                    e);
        } catch (IOException e) {
            throw new HearthException(
                    ErrorKind.INTERNAL,
                    "sbom-failed",
                    "the packages of image "
                            + name
                            + " cannot be listed ("
                            + e
                            + "); check the data directory",
                    e);
        }
        return new Document(image.digest(), os, inventory).write(name, when);
    }
}
