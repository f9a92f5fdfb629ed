package dev.hearth.bench.keepalive;

import dev.hearth.bench.platform.BenchFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A day of functions in the format of the Azure Public Dataset's AzureFunctionsDataset2019: {@code
 * invocations.csv} has HashFunction, HashApp, HashOwner and a count for each minute, {@code
 * memory.csv} HashApp and AverageAllocatedMb.
 *
 * @param minutes of the day that it covers
 * @param functions with at least one invocation, in the file's order
 */
record AzureTrace(int minutes, List<Recorded> functions) {
    private static final int LONGEST_LINE = 64 * 1024;

    static AzureTrace read(Path directory) throws IOException {
        Map<String, Double> memory = memory(directory.resolve("memory.csv"));
        List<String> lines = lines(directory.resolve("invocations.csv"));
        int first = column(lines.getFirst(), "minute_1", "invocations.csv");
        int app = column(lines.getFirst(), "HashApp", "invocations.csv");
        int minutes = lines.getFirst().split(",", -1).length - first;
        List<Recorded> functions = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",", -1);
            Double gib = cells.length == first + minutes ? memory.get(cells[app]) : null;
            if (gib == null) {
                throw new BenchFailure(
                        "invocations.csv of "
                                + directory
                                + " has a row without its minutes, or memory.csv lacks its app: "
                                + cells[0]);
            }
            int[] active =
                    IntStream.range(0, minutes)
                            .filter(m -> number(cells[first + m], "invocations.csv") > 0)
                            .toArray();
            if (active.length > 0) {
                functions.add(new Recorded(cells[0], active, gib));
            }
        }
        return new AzureTrace(minutes, functions);
    }

    private static Map<String, Double> memory(Path file) throws IOException {
        List<String> lines = lines(file);
        int app = column(lines.getFirst(), "HashApp", "memory.csv");
        int average = column(lines.getFirst(), "AverageAllocatedMb", "memory.csv");
        Map<String, Double> gib = new HashMap<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",", -1);
            gib.put(cells[app], number(cells[average], "memory.csv") / 1024);
        }
        return gib;
    }

    private static List<String> lines(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new BenchFailure("there is no " + file + "; say --trace DIR, with such files");
        }
        List<String> lines = Files.readAllLines(file).stream().filter(l -> !l.isBlank()).toList();
        if (lines.isEmpty() || lines.stream().anyMatch(l -> l.length() > LONGEST_LINE)) {
            throw new BenchFailure(file + " is empty, or has a line longer than 64 KiB");
        }
        return lines;
    }

    private static int column(String header, String name, String file) {
        int at = List.of(header.split(",", -1)).indexOf(name);
        if (at < 0) {
            throw new BenchFailure(file + " has no column " + name);
        }
        return at;
    }

    private static double number(String cell, String file) {
        try {
            return cell.isEmpty() ? 0 : Double.parseDouble(cell);
        } catch (NumberFormatException e) {
            throw new BenchFailure(file + " has \"" + cell + "\" where a number should be");
        }
    }
}
