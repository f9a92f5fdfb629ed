package dev.hearth.gateway.knative;

import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Service;
import io.vertx.core.MultiMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which services a list or a watch is about: {@code fieldSelector} with {@code metadata.name}, and
 * {@code labelSelector}, each with {@code =} or {@code ==}. What else Kubernetes knows is refused,
 * rather than to show, or have deleted, more than was asked for.
 *
 * @param name empty for all names
 */
record Selection(Optional<String> name, Map<String, String> labels) {
    private static final String NAME = "metadata.name";

    /** INVALID {@code invalid-selector} for those that are not known. */
    static Selection of(MultiMap parameters) {
        Map<String, String> fields = pairs("fieldSelector", parameters.get("fieldSelector"));
        for (String field : fields.keySet()) {
            if (!field.equals(NAME)) {
                throw refusal("fieldSelector", field);
            }
        }
        return new Selection(
                Optional.ofNullable(fields.get(NAME)),
                pairs("labelSelector", parameters.get("labelSelector")));
    }

    boolean matches(Service service) {
        return matches(service.name().value())
                && service.metadata().labels().entrySet().containsAll(labels.entrySet());
    }

    boolean matches(String service) {
        return name.isEmpty() || name.get().equals(service);
    }

    private static Map<String, String> pairs(String parameter, @Nullable String text) {
        Map<String, String> pairs = new HashMap<>();
        if (text == null || text.isEmpty()) {
            return pairs;
        }
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals <= 0 || part.charAt(equals - 1) == '!') {
                throw refusal(parameter, part);
            }
            String value = part.substring(equals + 1);
            pairs.put(
                    part.substring(0, equals).strip(),
                    (value.startsWith("=") ? value.substring(1) : value).strip());
        }
        return pairs;
    }

    private static HearthException refusal(String parameter, String part) {
        return HearthException.invalid(
                "invalid-selector",
                parameter
                        + " \""
                        + part
                        + "\" is not understood; metadata.name=NAME is, and LABEL=VALUE");
    }
}
