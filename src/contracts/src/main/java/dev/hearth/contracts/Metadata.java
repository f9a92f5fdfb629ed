package dev.hearth.contracts;

import java.util.HashMap;
import java.util.Map;

/**
 * What people and their tools say of a service or a revision, and Hearth keeps for them without
 * understanding it.
 *
 * @param labels short ones, to sort and find by
 * @param annotations longer ones
 */
public record Metadata(Map<String, String> labels, Map<String, String> annotations) {
    public static final Metadata NONE = new Metadata(Map.of(), Map.of());

    /** Of labels, and of annotations. */
    public static final int MOST = 100;

    /** Of names and values together. */
    public static final int MOST_BYTES = 64 * 1024;

    /** A DNS name of 253 characters, a slash and 63 more, as in Kubernetes. */
    private static final int LONGEST_NAME = 317;

    private static final int LONGEST_LABEL = 63;

    /** Throws INVALID {@code invalid-metadata} with the name of what is too much. */
    public Metadata {
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        check("label", labels);
        check("annotation", annotations);
        labels.forEach(
                (name, value) -> {
                    if (value.length() > LONGEST_LABEL) {
                        throw invalid("the label " + name + " is longer than " + LONGEST_LABEL);
                    }
                });
    }

    private static void check(String what, Map<String, String> all) {
        if (all.size() > MOST) {
            throw invalid(all.size() + " " + what + "s are more than " + MOST);
        }
        long characters = 0;
        for (Map.Entry<String, String> one : all.entrySet()) {
            String name = one.getKey();
            if (name.isEmpty() || name.length() > LONGEST_NAME || name.indexOf('\0') >= 0) {
                throw invalid(
                        "the name of a " + what + " has 1 to " + LONGEST_NAME + " characters");
            }
            if (one.getValue().indexOf('\0') >= 0) {
                throw invalid("the " + what + " " + name + " has a NUL character");
            }
            characters += name.length() + one.getValue().length();
        }
        if (characters > MOST_BYTES) {
            throw invalid("the " + what + "s are longer than " + MOST_BYTES / 1024 + " KiB");
        }
    }

    private static HearthException invalid(String why) {
        return HearthException.invalid("invalid-metadata", why);
    }

    /** The value of an annotation; empty when there is none. */
    public String annotation(String name) {
        return annotations.getOrDefault(name, "");
    }

    /** The same with another annotation; without it when the value is empty. */
    public Metadata with(String annotation, String value) {
        Map<String, String> others = new HashMap<>(annotations);
        if (value.isEmpty()) {
            others.remove(annotation);
        } else {
            others.put(annotation, value);
        }
        return new Metadata(labels, others);
    }
}
