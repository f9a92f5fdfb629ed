package dev.hearth.manifests;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The modules of this project that one module runs with, itself first. */
final class Modules {
    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");
    private static final Pattern NAME =
            Pattern.compile("</parent>\\s*<artifactId>(hearth-[a-z-]+)</artifactId>");
    private static final Pattern DEPENDENCY =
            Pattern.compile(
                    "<dependency>\\s*<groupId>dev\\.hearth</groupId>\\s*"
                            + "<artifactId>(hearth-[a-z-]+)</artifactId>\\s*</dependency>");

    private final Set<Path> directories = new LinkedHashSet<>();

    private Modules() {}

    /** The module with this artifact id, and what it depends on other than for its tests. */
    static Modules of(String name) {
        Map<String, Path> byName = new HashMap<>();
        Matcher modules = MODULE.matcher(text(Documents.ROOT.resolve("pom.xml")));
        while (modules.find()) {
            Path directory = Documents.ROOT.resolve(modules.group(1));
            Matcher found = NAME.matcher(text(directory.resolve("pom.xml")));
            if (found.find()) {
                byName.put(found.group(1), directory);
            }
        }
        Modules reached = new Modules();
        reached.add(name, byName);
        return reached;
    }

    private void add(String name, Map<String, Path> byName) {
        Path directory = byName.get(name);
        if (directory == null) {
            throw new AssertionError("no module is called " + name + ": " + byName.keySet());
        }
        if (directories.add(directory)) {
            Matcher dependencies = DEPENDENCY.matcher(text(directory.resolve("pom.xml")));
            while (dependencies.find()) {
                add(dependencies.group(1), byName);
            }
        }
    }

    /** Where their classes are. */
    List<Path> classes() {
        return directories.stream().map(d -> d.resolve("target/classes")).toList();
    }

    /** What their files of configuration say; the first module's say comes first. */
    Map<String, String> properties() {
        Map<String, String> all = new HashMap<>();
        for (Path directory : directories) {
            for (String file :
                    List.of("application.properties", "META-INF/microprofile-config.properties")) {
                Path path = directory.resolve("src/main/resources").resolve(file);
                if (Files.exists(path)) {
                    load(path).forEach((k, v) -> all.putIfAbsent((String) k, (String) v));
                }
            }
        }
        return all;
    }

    private static Properties load(Path file) {
        Properties properties = new Properties();
        try (Reader text = Files.newBufferedReader(file)) {
            properties.load(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
