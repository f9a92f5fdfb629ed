package dev.hearth.runtime.posix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Questions about this process and machine. */
public final class Host {
    private Host() {}

    /** Whether this process may do what sandboxes need. */
    public static boolean isRoot() {
        return Libc.get().geteuid() == 0;
    }

    /** The machine's memory (MemTotal, proc(5)). */
    public static long memoryBytes() {
        return memory("MemTotal:");
    }

    /** What of it could be had without swapping (MemAvailable, proc(5)). */
    public static long freeMemoryBytes() {
        return memory("MemAvailable:");
    }

    private static long memory(String name) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(l -> l.startsWith(name))
                    .mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElseThrow(() -> new IOException("there is no " + name + " in it"));
        } catch (IOException e) {
            throw new UncheckedIOException("/proc/meminfo is unreadable", e);
        }
    }

    /** The index of a network interface of this namespace, 0 when there is none of that name. */
    public static int interfaceIndex(String name) {
        return Libc.get().if_nametoindex(name);
    }

    /** Sends a signal; a process that is gone is passed over. */
    public static void signal(int pid, int signal) {
        Libc.get().kill(pid, signal);
    }

    /**
     * Makes the calling thread's sleeps end on time: by default the kernel may let each last 50 µs
     * longer (PR_SET_TIMERSLACK, prctl(2)).
     */
    public static void sleepExactly() {
        Libc.get().prctl(Libc.PR_SET_TIMERSLACK, 1);
    }
}
