package dev.hearth.bench.machine;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hearth.bench.platform.BenchFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Scanner;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Processes, as {@code /proc} tells them. One that is gone counts nothing. */
public final class Processes {
    private static final int JCMD_SECONDS = 60;
    private static final long TICK_MICROS = 10_000;
    private static final Pattern USED = Pattern.compile("used (\\d+)K");

    private Processes() {}

    /** Its proportional share of memory, in bytes: shared pages are divided among who has them. */
    public static long pss(long pid) {
        return keyed(proc(pid, "smaps_rollup"), "Pss:") * 1024;
    }

    /** Its memory now, in bytes; pages shared with others count whole. */
    public static long resident(long pid) {
        return keyed(proc(pid, "status"), "VmRSS:") * 1024;
    }

    /** The most it had since {@link #forgetPeak}, in bytes. */
    public static long peakResident(long pid) {
        return keyed(proc(pid, "status"), "VmHWM:") * 1024;
    }

    /** Lets the high-water mark begin anew: proc(5), {@code clear_refs}. */
    public static void forgetPeak(long pid) {
        try {
            Files.writeString(proc(pid, "clear_refs"), "5");
        } catch (IOException e) {
            throw new BenchFailure("the peak of process " + pid + " cannot be reset: " + e, e);
        }
    }

    /** The process and all below it, whichever of their threads started them. */
    public static List<Long> tree(long pid) {
        List<Long> found = new ArrayList<>(List.of(pid));
        for (int i = 0; i < found.size(); i++) {
            try (Stream<Path> threads = Files.list(proc(found.get(i), "task"))) {
                for (Path thread : threads.toList()) {
                    Scanner children = new Scanner(Files.readString(thread.resolve("children")));
                    children.forEachRemaining(child -> found.add(Long.parseLong(child)));
                }
            } catch (IOException | UncheckedIOException gone) {
                continue;
            }
        }
        return found;
    }

    /**
     * The processor time that it took so far, in microseconds, all its threads together: proc(5),
     * {@code utime} and {@code stime} of {@code stat}, in ticks of which every Linux tells 100 a
     * second.
     */
    public static long cpuMicros(long pid) {
        try {
            String stat = Files.readString(proc(pid, "stat"));
            // the name before may have blanks and brackets in it
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_MICROS;
        } catch (IOException gone) {
            return 0;
        }
    }

    public static long threads(long pid) {
        return keyed(proc(pid, "status"), "Threads:");
    }

    /** How many this program, and what it starts, may have open each. */
    public static long mostOpenFiles() {
        try {
            return Files.readAllLines(Path.of("/proc/self/limits")).stream()
                    .filter(line -> line.startsWith("Max open files"))
                    .map(line -> line.split("\\s+")[4]) // the hard one, which every JVM takes
                    .mapToLong(Long::parseLong)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new BenchFailure("/proc/self/limits cannot be read: " + e, e);
        }
    }

    public static long openFiles(long pid) {
        try (Stream<Path> files = Files.list(proc(pid, "fd"))) {
            return files.count();
        } catch (IOException gone) {
            return 0;
        }
    }

    /** Those it started, and that still have it as their parent. */
    public static List<Long> children(long pid) {
        try {
            String text = Files.readString(proc(pid, "task/" + pid + "/children")).strip();
            return text.isEmpty()
                    ? List.of()
                    : Stream.of(text.split(" ")).map(Long::parseLong).toList();
        } catch (IOException gone) {
            return List.of();
        }
    }

    /** All whose command line begins with {@code start}. */
    public static List<Long> startingWith(String start) {
        List<Long> found = new ArrayList<>();
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            for (Path process : all.toList()) {
                String name = process.getFileName().toString();
                if (name.matches("\\d+") && commandLine(process).startsWith(start)) {
                    found.add(Long.parseLong(name));
                }
            }
        } catch (IOException e) {
            throw new BenchFailure("/proc cannot be read: " + e, e);
        }
        return found;
    }

    /** The platform's launcher, wherever it hangs in the tree of processes. */
    public static OptionalLong launcher(Path data) {
        return startingWith(data.resolve("run/hearth-launcher").toString()).stream()
                .mapToLong(Long::longValue)
                .min(); // a child of it that has not become a slot yet has a later number
    }

    /** Makes a JVM collect all of its garbage. */
    public static void collectGarbage(long pid) throws InterruptedException {
        jcmd(pid, "GC.run");
    }

    /** What is in use of a JVM's heap, in bytes, whichever collector it has. */
    public static long usedHeap(long pid) throws InterruptedException {
        Matcher used = USED.matcher(jcmd(pid, "GC.heap_info"));
        if (!used.find()) {
            throw new BenchFailure("jcmd " + pid + " GC.heap_info does not tell what is used");
        }
        return Long.parseLong(used.group(1)) * 1024;
    }

    private static String jcmd(long pid, String what) throws InterruptedException {
        String jcmd = System.getProperty("java.home") + "/bin/jcmd";
        try {
            Process process =
                    new ProcessBuilder(jcmd, Long.toString(pid), what)
                            .redirectErrorStream(true)
                            .start();
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            if (!process.waitFor(JCMD_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new BenchFailure("jcmd " + pid + " " + what + " failed: " + said);
            }
            return said;
        } catch (IOException e) {
            throw new BenchFailure("jcmd " + pid + " " + what + " failed: " + e, e);
        }
    }

    private static Path proc(long pid, String file) {
        return Path.of("/proc", Long.toString(pid), file);
    }

    private static long keyed(Path file, String key) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(key))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException gone) {
            return 0;
        }
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }
}
