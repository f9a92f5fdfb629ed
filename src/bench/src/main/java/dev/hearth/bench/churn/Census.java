package dev.hearth.bench.churn;

import dev.hearth.bench.machine.Memory;
import dev.hearth.bench.machine.Processes;
import dev.hearth.bench.platform.BenchFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** How much there is of each {@link Measure} now. */
public record Census(Map<Measure, Long> counts) {
    /** What only this platform changes and can be counted exactly; takes milliseconds. */
    public static Census ofObjects(Subject subject) throws InterruptedException {
        Map<Measure, Long> n = new EnumMap<>(Measure.class);
        n.put(Measure.MOUNTS, lines(Path.of("/proc/self/mountinfo"), subject.data().toString()));
        n.put(Measure.CGROUPS, cgroups("hearth-" + subject.id()));
        n.put(Measure.LINKS, links("h" + subject.id() + "-"));
        n.put(Measure.RULES, rules("hearth_" + subject.id()));
        long launcher = Processes.launcher(subject.data()).orElse(0);
        n.put(Measure.PROCESSES, below(subject.jvm(), launcher));
        n.put(Measure.LAUNCHER_FILES, Processes.openFiles(launcher));
        n.put(Measure.JVM_FILES, Processes.openFiles(subject.jvm()));
        n.put(Measure.JVM_THREADS, Processes.threads(subject.jvm()));
        return new Census(n);
    }

    /** The same and the platform's memory and disk. */
    public static Census ofPlatform(Subject subject) throws InterruptedException {
        Processes.collectGarbage(subject.jvm());
        Map<Measure, Long> n = new EnumMap<>(ofObjects(subject).counts);
        long launcher = Processes.launcher(subject.data()).orElse(0);
        n.put(Measure.LAUNCHER_KIB, Processes.pss(launcher) / 1024);
        n.put(Measure.JVM_HEAP_KIB, Processes.usedHeap(subject.jvm()) / 1024);
        n.put(Measure.JVM_KIB, Processes.pss(subject.jvm()) / 1024);
        long[] parts = tree(subject.data(), "run", "logs/services");
        n.put(Measure.FILES, parts[0]);
        n.put(Measure.DISK_KIB, parts[1] / 1024);
        n.put(Measure.STATE_KIB, tree(subject.data(), "postgres", "kafka", "logs")[1] / 1024);
        return new Census(n);
    }

    /** The same and what the whole machine shares, once its memory stands still. */
    public static Census ofMachine(Subject subject) throws InterruptedException {
        Map<Measure, Long> n = new EnumMap<>(ofPlatform(subject).counts);
        Map<String, Long> memory = Memory.settled();
        n.put(Measure.ALL_CGROUPS, column(Path.of("/proc/cgroups"), "memory", 2));
        n.put(Measure.ALL_MOUNTS, slab("mnt_cache"));
        n.put(Measure.ALL_NETWORKS, slab("net_namespace"));
        n.put(Measure.ALL_PIDS, slab("pid_namespace"));
        n.put(Measure.UNRECLAIMABLE_KIB, memory.getOrDefault("SUnreclaim", 0L) / 1024);
        n.put(Measure.PERCPU_KIB, memory.getOrDefault("Percpu", 0L) / 1024);
        n.put(
                Measure.TAKEN_KIB,
                (memory.getOrDefault("MemTotal", 0L) - Memory.available(memory)) / 1024);
        return new Census(n);
    }

    /** What grew by more than noise between {@code before} and this. */
    public List<Measure> grown(Census before, long cycles) {
        return counts.keySet().stream().filter(m -> growth(before, m) > m.noise(cycles)).toList();
    }

    /** How much more there is of one. */
    public long growth(Census before, Measure measure) {
        return counts.getOrDefault(measure, 0L) - before.counts.getOrDefault(measure, 0L);
    }

    private static long lines(Path file, String part) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.contains(part)).count();
        } catch (IOException e) {
            throw new BenchFailure(file + " cannot be read: " + e, e);
        }
    }

    private static long cgroups(String parent) {
        long found = 0;
        try (Stream<Path> hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
            List<Path> parents =
                    Stream.concat(Stream.of(Path.of("/sys/fs/cgroup")), hierarchies)
                            .filter(h -> !Files.isSymbolicLink(h))
                            .map(h -> h.resolve(parent))
                            .filter(Files::isDirectory)
                            .toList();
            for (Path group : parents) {
                try (Stream<Path> below = Files.list(group)) {
                    found += 1 + below.filter(Files::isDirectory).count();
                }
            }
        } catch (IOException e) {
            throw new BenchFailure("/sys/fs/cgroup cannot be read: " + e, e);
        }
        return found;
    }

    private static long links(String prefix) {
        try (Stream<Path> links = Files.list(Path.of("/sys/class/net"))) {
            return links.filter(l -> l.getFileName().toString().startsWith(prefix)).count();
        } catch (IOException e) {
            throw new BenchFailure("/sys/class/net cannot be read: " + e, e);
        }
    }

    private static long rules(String table) throws InterruptedException {
        try {
            Process nft =
                    new ProcessBuilder("nft", "list", "table", "inet", table)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            long lines = nft.inputReader().lines().count();
            nft.waitFor();
            return lines;
        } catch (IOException e) {
            throw new BenchFailure("nft cannot be run: " + e, e);
        }
    }

    private static long below(long... roots) {
        ArrayDeque<Long> open = new ArrayDeque<>();
        java.util.Set<Long> seen = new java.util.HashSet<>();
        for (long root : roots) {
            open.add(root);
        }
        while (!open.isEmpty()) {
            long pid = open.poll();
            if (seen.add(pid)) {
                open.addAll(Processes.children(pid));
            }
        }
        return seen.size();
    }

    /** Number and bytes of the plain files below some directories. */
    private static long[] tree(Path root, String... parts) {
        long files = 0;
        long bytes = 0;
        for (String part : parts) {
            Path top = root.resolve(part);
            if (!Files.isDirectory(top)) {
                continue;
            }
            try (Stream<Path> all = Files.walk(top)) {
                for (Path file : all.filter(Files::isRegularFile).toList()) {
                    files++;
                    bytes += size(file);
                }
            } catch (IOException | UncheckedIOException goneMeanwhile) {
                continue; // databases rename and delete their files all the time
            }
        }
        return new long[] {files, bytes};
    }

    private static long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException gone) {
            return 0;
        }
    }

    /** The objects in use of one of the kernel's caches; 0 where it is merged with others. */
    private static long slab(String cache) {
        return column(Path.of("/proc/slabinfo"), cache, 1);
    }

    private static long column(Path file, String first, int column) {
        try {
            return Files.readAllLines(file).stream()
                    .map(line -> line.split("\\s+"))
                    .filter(words -> words[0].equals(first))
                    .mapToLong(words -> Long.parseLong(words[column]))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0; // needs root, or another kernel
        }
    }
}
