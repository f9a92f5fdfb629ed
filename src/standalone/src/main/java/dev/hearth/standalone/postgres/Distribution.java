package dev.hearth.standalone.postgres;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs, unpacked from the class path into a directory. */
final class Distribution {
    /** Of the Maven artifact whose archive {@link #ARCHIVE} is; a test asks the program. */
    static final String VERSION = "18.6";

    /**
     * System property: programs of this version that need no unpacking, which takes two seconds.
     */
    static final String SHARED = "hearth.postgres.programs";

    private static final String ARCHIVE = "/postgres-linux-x86_64.txz";

    private final Path home;

    private Distribution(Path home) {
        this.home = home;
    }

    /**
     * The programs: those that the build has unpacked, where {@value #SHARED} names them; else
     * those under {@code parent}, unpacked there unless an earlier call did. Published by rename: a
     * directory that was cut short is never used.
     *
     * @throws HearthException INTERNAL {@code postgres-unpack-failed}
     */
    static Distribution in(Path parent) {
        String shared = System.getProperty(SHARED, "");
        if (!shared.isEmpty() && Files.isExecutable(Path.of(shared, "bin", "postgres"))) {
            return new Distribution(Path.of(shared));
        }
        Path home = parent.resolve("programs-" + VERSION);
        Path draft = parent.resolve("programs-" + VERSION + ".new");
        try {
            if (!Files.isDirectory(home)) {
                deleteTree(draft);
                Files.createDirectories(draft);
                unpack(draft);
                Files.move(draft, home, StandardCopyOption.ATOMIC_MOVE);
            }
            return new Distribution(home);
        } catch (IOException e) {
            throw new HearthException(
                    ErrorKind.INTERNAL,
                    "postgres-unpack-failed",
                    "unpacking PostgreSQL into "
                            + home
                            + " failed ("
                            + e
                            + "); check that the disk has 100 MB free",
                    e);
        }
    }

    /** A program of PostgreSQL's: {@code postgres}, {@code initdb} or {@code pg_ctl}. */
    String program(String name) {
        return home.resolve("bin").resolve(name).toString();
    }

    private static void unpack(Path target) throws IOException {
        try (InputStream archive = Distribution.class.getResourceAsStream(ARCHIVE)) {
            if (archive == null) {
                throw new IOException(ARCHIVE + " is not on the class path");
            }
            TarArchiveInputStream tar =
                    new TarArchiveInputStream(
                            new BufferedInputStream(new XZInputStream(archive), 1 << 16));
            for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
                if (isNeeded(e.getName())) {
                    place(e, tar, target);
                }
            }
        }
    }

    /** Static libraries and the client's interface for C programs are a third of the archive. */
    private static boolean isNeeded(String name) {
        return !name.endsWith(".a") && !name.contains("libecpg") && !name.contains("/pkgconfig/");
    }

    private static void place(TarArchiveEntry entry, InputStream content, Path target)
            throws IOException {
        Path file = target.resolve(entry.getName()).normalize();
        if (!file.startsWith(target)) {
            throw new IOException("the archive names " + entry.getName() + ", outside of it");
        }
        if (entry.isDirectory()) {
            Files.createDirectories(file);
            return;
        }
        Files.createDirectories(file.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(content, file);
        boolean executable = (entry.getMode() & 0100) != 0;
        Files.setPosixFilePermissions(
                file, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }

    /** Deletes a directory and all below it, when it is there; follows no link. */
    static void deleteTree(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
