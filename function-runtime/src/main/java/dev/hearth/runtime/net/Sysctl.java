package dev.hearth.runtime.net;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A kernel setting of this network namespace under {@code /proc/sys} (sysctl(8)). */
final class Sysctl {
    private Sysctl() {}

    /**
     * Its number. The kernel gives a setting in one read and then the end, so that {@code
     * Files.readString}, which begins with one byte, sees the first digit only.
     */
    static int read(Path setting) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(setting)) {
            String line = in.readLine();
            return Integer.parseInt(line == null ? "" : line.strip());
        } catch (NumberFormatException e) {
            throw new IOException(setting + " is not a number", e);
        }
    }
}
