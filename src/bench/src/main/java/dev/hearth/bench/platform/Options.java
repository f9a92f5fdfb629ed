package dev.hearth.bench.platform;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What a scenario was asked for, as {@code --name value} or {@code --name=value}. */
public final class Options {
    /** What the scenario's script passes by itself, and what every scenario takes. */
    private static final Set<String> COMMON = Set.of("--hearth", "--image", "--binary", "--json");

    private final Map<String, String> given;

    private Options(Map<String, String> given) {
        this.given = given;
    }

    /**
     * @param scenario as the command line calls it
     * @param names of the options it has beside the common ones
     */
    public static Options parse(String scenario, Set<String> names, String... args) {
        Set<String> known = new TreeSet<>(names);
        known.addAll(COMMON);
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < args.length; i++) {
            String[] parts = args[i].split("=", 2);
            if (!known.contains(parts[0])) {
                throw new BenchFailure(
                        "hearth bench "
                                + scenario
                                + " has no option "
                                + parts[0]
                                + "; it has --json FILE and "
                                + String.join(", ", new TreeSet<>(names)));
            }
            if (parts.length == 2) {
                given.put(parts[0], parts[1]);
            } else if (i + 1 < args.length) {
                given.put(parts[0], args[++i]);
            } else {
                throw new BenchFailure(parts[0] + " has no value");
            }
        }
        return new Options(given);
    }

    /** A number from 1 to {@code most}. */
    public int number(String name, int otherwise, int most) {
        String text = given.getOrDefault(name, Integer.toString(otherwise));
        if (text.matches("\\d{1,7}")) {
            int number = Integer.parseInt(text);
            if (number >= 1 && number <= most) {
                return number;
            }
        }
        throw new BenchFailure(name + " " + text + " is not a number from 1 to " + most);
    }

    /** A file or directory, if one was named. */
    public Optional<Path> path(String name) {
        return Optional.ofNullable(given.get(name)).map(Path::of);
    }

    /** The {@code hearth} script. */
    public Path hearth() {
        return Path.of(required("--hearth")).toAbsolutePath();
    }

    /** The image that is deployed. */
    public String image() {
        return required("--image");
    }

    /** The same server, to be run without a container. */
    public Path binary() {
        return Path.of(required("--binary")).toAbsolutePath();
    }

    /** Where the result is written for a program. */
    public Optional<Path> json() {
        return path("--json");
    }

    private String required(String name) {
        String value = given.get(name);
        if (value == null) {
            throw new BenchFailure(name + " is missing");
        }
        return value;
    }
}
