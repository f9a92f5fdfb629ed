package dev.hearth.gateway.knative;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hearth.contracts.HearthException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An object of a document, read field by field. What was not asked for by {@link #end} is refused:
 * nothing that somebody wants is passed over in silence.
 */
final class Fields {
    private final String path;
    private final JsonNode node;
    private final Set<String> read = new HashSet<>();

    private Fields(String path, JsonNode node) {
        this.path = path;
        this.node = node;
    }

    /** Throws INVALID {@code invalid-field} when it is no object; an absent one is empty. */
    static Fields of(String path, JsonNode node) {
        if (!node.isObject() && !node.isMissingNode() && !node.isNull()) {
            throw invalid(path, "is not an object");
        }
        return new Fields(path, node);
    }

    private JsonNode get(String name) {
        read.add(name);
        return node.path(name);
    }

    /** Whether there is a field of that name, with something in it or not. */
    boolean has(String name) {
        return node.has(name) && !node.get(name).isNull();
    }

    boolean isEmpty() {
        return node.isMissingNode() || node.isNull() || node.isEmpty();
    }

    private String path(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    Fields object(String name) {
        return of(path(name), get(name));
    }

    /** The objects of a list; none when it is absent. */
    List<Fields> objects(String name) {
        JsonNode list = get(name);
        List<Fields> all = new ArrayList<>();
        if (isAbsent(list)) {
            return all;
        }
        if (!list.isArray()) {
            throw invalid(path(name), "is not a list");
        }
        for (int i = 0; i < list.size(); i++) {
            all.add(of(path(name) + "[" + i + "]", list.get(i)));
        }
        return all;
    }

    Optional<String> text(String name) {
        JsonNode value = get(name);
        if (isAbsent(value)) {
            return Optional.empty();
        }
        if (!value.isValueNode()) {
            throw invalid(path(name), "is not a text");
        }
        return Optional.of(value.asText());
    }

    Optional<Integer> number(String name) {
        JsonNode value = get(name);
        if (isAbsent(value)) {
            return Optional.empty();
        }
        if (!value.canConvertToInt() || !value.isIntegralNumber()) {
            throw invalid(path(name), "is not a whole number");
        }
        return Optional.of(value.intValue());
    }

    boolean flag(String name) {
        JsonNode value = get(name);
        if (!isAbsent(value) && !value.isBoolean()) {
            throw invalid(path(name), "is neither true nor false");
        }
        return value.asBoolean(false);
    }

    List<String> texts(String name) {
        JsonNode list = get(name);
        List<String> all = new ArrayList<>();
        if (isAbsent(list)) {
            return all;
        }
        if (!list.isArray()) {
            throw invalid(path(name), "is not a list");
        }
        for (JsonNode one : list) {
            if (!one.isValueNode()) {
                throw invalid(path(name), "has something that is not a text");
            }
            all.add(one.asText());
        }
        return all;
    }

    /** All fields as texts. */
    Map<String, String> map(String name) {
        JsonNode object = get(name);
        Map<String, String> all = new HashMap<>();
        if (isAbsent(object)) {
            return all;
        }
        if (!object.isObject()) {
            throw invalid(path(name), "is not an object");
        }
        object.properties().forEach(e -> all.put(e.getKey(), e.getValue().asText()));
        return all;
    }

    /** Fields that say what is anyhow so, or what nobody here needs. */
    Fields passOver(String... names) {
        read.addAll(List.of(names));
        return this;
    }

    /** Throws INVALID {@code unsupported-field} for the first field that nobody read. */
    void end() {
        node.fieldNames()
                .forEachRemaining(
                        name -> {
                            if (!read.contains(name) && !isAbsent(node.get(name))) {
                                throw HearthException.invalid(
                                        "unsupported-field",
                                        path(name) + " is not supported; leave it out");
                            }
                        });
    }

    HearthException missing(String name) {
        return invalid(path(name), "is missing");
    }

    HearthException wrong(String name, String why) {
        return invalid(path(name), why);
    }

    private static boolean isAbsent(JsonNode value) {
        return value.isMissingNode()
                || value.isNull()
                || value.isContainerNode() && value.isEmpty();
    }

    private static HearthException invalid(String path, String why) {
        return HearthException.invalid("invalid-field", path + " " + why);
    }
}
