package dev.hearth.runtime.cgroup;

import dev.hearth.runtime.posix.Fd;
import dev.hearth.runtime.posix.PosixException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reading and writing the kernel's control files, and removing their directories. */
final class ControlFile {
    private static final int REMOVE_MILLIS = 10_000;

    private ControlFile() {}

    static void write(Path file, String value) throws IOException {
        try (Fd fd = Fd.openForWriting(file)) {
            fd.write(value.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new IOException(
                    "writing \"" + value + "\" to " + file + " failed: " + e.getMessage(), e);
        }
    }

    /** As {@link #write}; false when the kernel says {@code refusal}, an error number. */
    static boolean writeUnless(int refusal, Path file, String value) throws IOException {
        try {
            write(file, value);
            return true;
        } catch (IOException e) {
            if (e.getCause() instanceof PosixException p && p.errno() == refusal) {
                return false;
            }
            throw e;
        }
    }

    /** As {@link #write}, where this kernel has such a file; whether it has. */
    static boolean writeIfThere(Path file, String value) throws IOException {
        if (!Files.exists(file)) {
            return false;
        }
        write(file, value);
        return true;
    }

    /** The file's text; empty when it is absent. */
    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException absent) {
            return "";
        }
    }

    /** The file's number; 0 when it is absent or says "max". */
    static long number(Path file) {
        try {
            return Long.parseLong(Files.readString(file).strip());
        } catch (IOException | NumberFormatException absent) {
            return 0;
        }
    }

    /** The number behind {@code key} in a file of "key number" lines; 0 when absent. */
    static long keyed(Path file, String key) {
        return keyed(file, key, "");
    }

    private static long keyed(Path file, String key, String unit) {
        try {
            for (String line : Files.readAllLines(file)) {
                if (line.startsWith(key + " ") && line.endsWith(unit)) {
                    return Long.parseLong(
                            line.substring(key.length() + 1, line.length() - unit.length())
                                    .strip());
                }
            }
        } catch (IOException | NumberFormatException absent) {
            return 0;
        }
        return 0;
    }

    /** The number in a line "key: number kB"; 0 when absent. */
    static long kibibytes(Path file, String key) {
        return keyed(file, key + ":", " kB");
    }

    /** Those that this process can see: others show up as 0, which kill(2) takes for us all. */
    static List<Integer> processes(Path directory) {
        List<Integer> pids = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(directory.resolve("cgroup.procs"))) {
                int pid = Integer.parseInt(line.strip());
                if (pid > 0) {
                    pids.add(pid);
                }
            }
        } catch (IOException goneMeanwhile) {
            return List.of();
        }
        return pids;
    }

    static List<String> childNames(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(directory)) {
            return children.filter(Files::isDirectory)
                    .map(p -> p.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    /**
     * rmdir, again and again while the kernel says EBUSY because a process is still on its way out.
     */
    static void remove(Path directory) throws IOException {
        IOException last = null;
        for (int waited = 0; waited < REMOVE_MILLIS; waited += 5) {
            try {
                Files.delete(directory);
                return;
            } catch (NoSuchFileException gone) {
                return;
            } catch (IOException busy) {
                last = busy;
            }
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        throw new IOException("removing the cgroup " + directory + " failed", last);
    }
}
