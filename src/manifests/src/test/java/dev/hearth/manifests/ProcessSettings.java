package dev.hearth.manifests;

import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaParameter;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * What a process can be told, found in its code: its {@code application.properties}, and what the
 * classes of its modules have injected.
 */
final class ProcessSettings {
    private static final Pattern EXPRESSION =
            Pattern.compile("\\$\\{(hearth\\.[a-z0-9.-]+)(?::([^}]*))?}");

    private static final Pattern NUMBER = Pattern.compile("[0-9]+");
    private static final Map<String, ProcessSettings> KNOWN = new ConcurrentHashMap<>();

    private final Map<String, String> properties;

    /** The default of each key; none for those that have to be given. */
    private final Map<String, Optional<String>> keys = new HashMap<>();

    private ProcessSettings(Map<String, String> properties) {
        this.properties = properties;
    }

    /**
     * @param process {@code gateway}, {@code node} or {@code autoscaler}
     */
    static ProcessSettings of(String process) {
        return KNOWN.computeIfAbsent(process, ProcessSettings::find);
    }

    private static ProcessSettings find(String process) {
        Modules modules = Modules.of("hearth-" + process + "-process");
        ProcessSettings settings = new ProcessSettings(modules.properties());
        settings.readExpressions();
        JavaClasses classes =
                new ClassFileImporter().importPaths(modules.classes().toArray(Path[]::new));
        classes.forEach(settings::read);
        settings.properties.forEach(
                (key, value) -> {
                    if (key.startsWith("hearth.")) {
                        settings.keys.put(key, Optional.of(value));
                    }
                });
        return settings;
    }

    /** The environment variables that it reads. */
    Set<String> variables() {
        return keys.keySet().stream()
                .map(ProcessSettings::variable)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Those without which it does not start. */
    Set<String> required() {
        return keys.entrySet().stream()
                .filter(e -> e.getValue().isEmpty())
                .map(e -> variable(e.getKey()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Where it listens unless it is told otherwise. */
    Set<Integer> ports() {
        Set<Integer> ports = new TreeSet<>();
        keys.forEach(
                (key, value) -> {
                    String number = value.orElse("");
                    if (key.endsWith("port") && NUMBER.matcher(number).matches()) {
                        ports.add(Integer.parseInt(number));
                    }
                });
        return ports;
    }

    /** Where it tells its health. */
    int healthPort() {
        Matcher key = EXPRESSION.matcher(properties.getOrDefault("quarkus.http.port", ""));
        if (!key.matches()) {
            throw new AssertionError("quarkus.http.port is no expression: " + properties);
        }
        return Integer.parseInt(keys.get(key.group(1)).orElseThrow());
    }

    /** What a key is by default. */
    Optional<String> byDefault(String key) {
        return keys.getOrDefault(key, Optional.empty());
    }

    /** As MicroProfile Config maps names: {@code hearth.http-port} is HEARTH_HTTP_PORT. */
    static String variable(String key) {
        return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    private void readExpressions() {
        for (String value : properties.values()) {
            Matcher expressions = EXPRESSION.matcher(value);
            while (expressions.find()) {
                keys.put(expressions.group(1), Optional.ofNullable(expressions.group(2)));
            }
        }
    }

    private void read(JavaClass type) {
        type.getCodeUnits().stream()
                .flatMap(unit -> unit.getParameters().stream())
                .forEach(this::read);
        type.tryGetAnnotationOfType(ConfigMapping.class)
                .ifPresent(mapping -> read(type, mapping.prefix()));
    }

    private void read(JavaParameter parameter) {
        for (JavaAnnotation<?> annotation : parameter.getAnnotations()) {
            if (annotation.getRawType().isEquivalentTo(ConfigProperty.class)) {
                ConfigProperty property = annotation.as(ConfigProperty.class);
                boolean optional = isOptional(parameter.getRawType());
                boolean given = !property.defaultValue().equals(ConfigProperty.UNCONFIGURED_VALUE);
                add(property.name(), given ? property.defaultValue() : "", optional || given);
            }
        }
    }

    private void read(JavaClass type, String prefix) {
        for (JavaMethod method : type.getMethods()) {
            Optional<String> value =
                    method.tryGetAnnotationOfType(WithDefault.class).map(WithDefault::value);
            boolean optional = isOptional(method.getRawReturnType());
            add(
                    prefix + "." + kebab(method.getName()),
                    value.orElse(""),
                    optional || value.isPresent());
        }
    }

    private void add(String key, String value, boolean mayBeAbsent) {
        if (key.startsWith("hearth.")) {
            keys.merge(
                    key,
                    mayBeAbsent ? Optional.of(value) : Optional.empty(),
                    (one, other) -> one.isEmpty() ? one : other);
        }
    }

    private static boolean isOptional(JavaClass type) {
        return type.getName().startsWith("java.util.Optional");
    }

    private static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
