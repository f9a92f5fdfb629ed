package dev.hearth.bench;

import dev.hearth.bench.cold.BenchFailure;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code hearth bench cold} was asked for.
 *
 * @param json where to write the result as JSON
 */
record ColdStartOptions(
        int adminPort,
        Path tokenFile,
        int httpPort,
        String domain,
        int starts,
        String service,
        String image,
        Path binary,
        int spacingMillis,
        @Nullable Path json) {
    private static final Set<String> NAMES =
            Set.of(
                    "--admin-port",
                    "--token-file",
                    "--data",
                    "--http-port",
                    "--domain",
                    "--starts",
                    "--service",
                    "--image",
                    "--binary",
                    "--spacing-ms",
                    "--json",
                    // the script names itself, for messages
                    "--hearth");

    static ColdStartOptions parse(Map<String, String> environment, String... args) {
        Map<String, String> given = given(args);
        String data =
                given.getOrDefault(
                        "--data", environment.getOrDefault("HEARTH_DATA", "/var/lib/hearth"));
        String json = given.get("--json");
        return new ColdStartOptions(
                number(
                        "--admin-port",
                        given.getOrDefault(
                                "--admin-port",
                                environment.getOrDefault("HEARTH_ADMIN_PORT", "8081")),
                        65535),
                Path.of(given.getOrDefault("--token-file", data + "/admin-token")),
                number("--http-port", given.getOrDefault("--http-port", "8080"), 65535),
                given.getOrDefault("--domain", "localhost"),
                number("--starts", given.getOrDefault("--starts", "50"), 10_000),
                given.getOrDefault("--service", "hearth-bench-cold"),
                required(given, "--image"),
                Path.of(required(given, "--binary")).toAbsolutePath(),
                number("--spacing-ms", given.getOrDefault("--spacing-ms", "200"), 60_000),
                json == null ? null : Path.of(json));
    }

    private static Map<String, String> given(String... args) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < args.length; i++) {
            String[] parts = args[i].split("=", 2);
            if (!NAMES.contains(parts[0])) {
                throw new BenchFailure("hearth bench cold has no option " + parts[0]);
            }
            if (parts.length == 2) {
                given.put(parts[0], parts[1]);
            } else if (i + 1 < args.length) {
                given.put(parts[0], args[++i]);
            } else {
                throw new BenchFailure(parts[0] + " has no value");
            }
        }
        return given;
    }

    private static String required(Map<String, String> given, String name) {
        String value = given.get(name);
        if (value == null) {
            throw new BenchFailure(name + " is missing");
        }
        return value;
    }

    private static int number(String name, String text, int most) {
        if (text.matches("\\d{1,6}")) {
            int number = Integer.parseInt(text);
            if (number >= 1 && number <= most) {
                return number;
            }
        }
        throw new BenchFailure(name + " " + text + " is not a number from 1 to " + most);
    }
}
