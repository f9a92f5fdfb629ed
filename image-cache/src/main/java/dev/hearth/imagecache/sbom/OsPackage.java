package dev.hearth.imagecache.sbom;

import java.util.Comparator;

/**
 * A package that an image's package database says is installed. Empty texts stand for what it does
 * not say.
 *
 * @param version as the package manager writes it, without the epoch of an rpm
 * @param epoch of an rpm; dpkg has it in its version
 * @param license as the database has it: an SPDX expression or any text
 * @param upstream what it was built from, by which security trackers know it
 */
record OsPackage(
        Kind kind,
        String name,
        String version,
        String epoch,
        String architecture,
        String license,
        String upstream)
        implements Comparable<OsPackage> {

    private static final Comparator<OsPackage> ORDER =
            Comparator.comparing(OsPackage::kind)
                    .thenComparing(OsPackage::name)
                    .thenComparing(OsPackage::version)
                    .thenComparing(OsPackage::epoch)
                    .thenComparing(OsPackage::architecture)
                    .thenComparing(OsPackage::license)
                    .thenComparing(OsPackage::upstream);

    /** The package managers that are known, by their type in a package URL. */
    enum Kind {
        DEB("deb", "debian"),
        APK("apk", "alpine"),
        RPM("rpm", "");

        private final String type;
        private final String usualDistribution;

        Kind(String type, String usualDistribution) {
            this.type = type;
            this.usualDistribution = usualDistribution;
        }

        String type() {
            return type;
        }

        /** Whose packages they are in an image that does not say what it is; may be empty. */
        String usualDistribution() {
            return usualDistribution;
        }
    }

    /** The version with the epoch, as the package manager compares it. */
    String fullVersion() {
        return epoch.isEmpty() ? version : epoch + ":" + version;
    }

    @Override
    public int compareTo(OsPackage other) {
        return ORDER.compare(this, other);
    }
}
