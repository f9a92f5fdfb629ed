package dev.hearth.bench.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;

/** What a figure depends on beside the code: without it no two results can be compared. */
public final class MachineFacts {
    private MachineFacts() {}

    /** The facts of this machine now. */
    public static Map<String, String> gather() {
        Map<String, String> facts = new TreeMap<>();
        facts.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        facts.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("cpus", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put("cpu", firstLine(Path.of("/proc/cpuinfo"), "model name"));
        facts.put("memory", firstLine(Path.of("/proc/meminfo"), "MemTotal"));
        facts.put("cgroup", isPureV2() ? "v2" : "v1");
        facts.put("jdk", Runtime.version().toString());
        facts.put("cpuPressure", firstLine(Path.of("/proc/pressure/cpu"), "some"));
        return facts;
    }

    private static boolean isPureV2() {
        return Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
    }

    private static String firstLine(Path file, String key) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(key))
                    .map(line -> line.substring(key.length()).replaceFirst("^[\\s:]+", ""))
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException absent) {
            return "unknown";
        }
    }

    /** One line for a person. */
    public static String line(Map<String, String> facts) {
        return facts.get("date")
                + ", "
                + facts.get("kernel")
                + ", cgroup "
                + facts.get("cgroup")
                + ", "
                + facts.get("cpus")
                + " CPUs (pressure at the end: "
                + facts.get("cpuPressure")
                + "), JDK "
                + facts.get("jdk")
                + "\n";
    }

    /** The same for a program. */
    public static void json(Map<String, String> facts, ObjectNode into) {
        facts.forEach(into::put);
    }
}
