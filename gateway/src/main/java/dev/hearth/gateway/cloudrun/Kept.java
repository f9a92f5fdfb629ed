package dev.hearth.gateway.cloudrun;

import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Metadata;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What Cloud Run's messages have and Hearth only keeps: annotations, by the names that Cloud Run's
 * older API has for them, so that clients of Knative's API see it too. Whoever speaks the newer one
 * neither sees nor sets annotations of these namespaces.
 */
final class Kept {
    static final String DESCRIPTION = "run.googleapis.com/description";
    static final String CLIENT = "run.googleapis.com/client-name";
    static final String CLIENT_VERSION = "run.googleapis.com/client-version";
    static final String LAUNCH_STAGE = "run.googleapis.com/launch-stage";
    static final String INVOKER_IAM_DISABLED = "run.googleapis.com/invoker-iam-disabled";
    static final String SCALING_MODE = "run.googleapis.com/scalingMode";
    static final String EXECUTION_ENVIRONMENT = "run.googleapis.com/execution-environment";
    static final String STARTUP_BOOST = "run.googleapis.com/startup-cpu-boost";
    static final String CREATOR = "serving.knative.dev/creator";
    static final String LAST_MODIFIER = "serving.knative.dev/lastModifier";

    /** The one container's; there it is a field. */
    static final String CONTAINER_NAME = "hearth.dev/container-name";

    /** Amounts that can be written otherwise, as 1000m is 1, and were. */
    static final String CPU = "hearth.dev/cpu";

    static final String MEMORY = "hearth.dev/memory";

    /** The environment's names in the order they came in, if that is not the alphabet's. */
    static final String ENV_ORDER = "hearth.dev/env-order";

    /** Between names; none has it. */
    static final String BETWEEN_NAMES = "=";

    private static final List<String> NAMESPACES =
            List.of(
                    "run.googleapis.com",
                    "cloud.googleapis.com",
                    "serving.knative.dev",
                    "autoscaling.knative.dev",
                    "hearth.dev");

    private Kept() {}

    private static boolean isReserved(String name) {
        int slash = name.indexOf('/');
        String namespace = slash < 0 ? "" : name.substring(0, slash);
        return NAMESPACES.stream()
                .anyMatch(n -> namespace.equals(n) || namespace.endsWith("." + n));
    }

    /** Those that a caller may see. */
    static Map<String, String> shown(Map<String, String> all) {
        Map<String, String> shown = new HashMap<>(all);
        shown.keySet().removeIf(Kept::isReserved);
        return shown;
    }

    /**
     * What a caller sent, and what was there that callers do not see. Throws INVALID {@code
     * unsupported-field} for what they may not set.
     *
     * @param path of the message
     */
    static Metadata merged(
            String path,
            Map<String, String> labels,
            Map<String, String> annotations,
            Metadata before) {
        return new Metadata(
                merged(path + ".labels", labels, before.labels()),
                merged(path + ".annotations", annotations, before.annotations()));
    }

    private static Map<String, String> merged(
            String path, Map<String, String> sent, Map<String, String> before) {
        Map<String, String> all = new HashMap<>(before);
        all.keySet().removeIf(name -> !isReserved(name));
        sent.forEach(
                (name, value) -> {
                    if (isReserved(name)) {
                        throw HearthException.invalid(
                                "unsupported-field",
                                path
                                        + "[\""
                                        + name
                                        + "\"] is in a reserved namespace; leave it out");
                    }
                    all.put(name, value);
                });
        return all;
    }
}
