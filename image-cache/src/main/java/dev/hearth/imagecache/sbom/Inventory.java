package dev.hearth.imagecache.sbom;

import dev.hearth.imagecache.rootfs.BadFileException;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What was found in an image: packages, and the databases that there are but could not be read.
 * Sorted, each once (a database can be reachable under two names).
 */
final class Inventory {
    /** All of Debian is some 60 000 packages; a full desktop installs 3 000. */
    static final int MOST_PACKAGES = 20_000;

    /** The longest name or version in Debian has some 100 characters. */
    private static final int MOST_WORD = 512;

    /** The longest licence text in Fedora's database has some 2 500 characters. */
    private static final int MOST_LICENSE = 16 * 1024;

    private final SortedSet<OsPackage> packages = new TreeSet<>();
    private final SortedSet<String> gaps = new TreeSet<>();

    void add(OsPackage one) throws BadFileException {
        if (longest(one) > MOST_WORD || one.license().length() > MOST_LICENSE) {
            throw new BadFileException(
                    "its "
                            + one.kind().type()
                            + " database has a package with a name, version or licence that is too"
                            + " long to be one");
        }
        packages.add(one);
        if (packages.size() > MOST_PACKAGES) {
            throw new BadFileException("it has more than " + MOST_PACKAGES + " packages");
        }
    }

    /** Records that the list is not complete. */
    void gap(String what) {
        gaps.add(what);
    }

    SortedSet<OsPackage> packages() {
        return packages;
    }

    SortedSet<String> gaps() {
        return gaps;
    }

    private static int longest(OsPackage one) {
        int longest = 0;
        for (String word :
                new String[] {
                    one.name(), one.version(), one.epoch(), one.architecture(), one.upstream()
                }) {
            longest = Math.max(longest, word.length());
        }
        return longest;
    }
}
