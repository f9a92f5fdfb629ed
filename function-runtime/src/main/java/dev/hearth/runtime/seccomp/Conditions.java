package dev.hearth.runtime.seccomp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the "includes" and "excludes" of a rule are asked about: the machine and the capabilities
 * that a container's root has.
 *
 * @param kernel its release, as {@code uname -r} says it
 */
record Conditions(String kernel) {
    /** Docker's word for x86-64. */
    private static final String ARCHITECTURE = "amd64";

    private static final Set<String> KEYS = Set.of("arches", "caps", "minKernel");
    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");

    /** Twin of CONTAINER_CAPABILITIES in process.c. */
    private static final Set<String> CAPABILITIES =
            Set.of(
                    "CAP_CHOWN",
                    "CAP_DAC_OVERRIDE",
                    "CAP_FSETID",
                    "CAP_FOWNER",
                    "CAP_SETGID",
                    "CAP_SETUID",
                    "CAP_SETFCAP",
                    "CAP_SETPCAP",
                    "CAP_NET_BIND_SERVICE",
                    "CAP_SYS_CHROOT",
                    "CAP_KILL");

    /** Whether a rule holds here; what is wrong with its conditions goes to {@code problems}. */
    boolean admit(JsonNode rule, String name, List<String> problems) {
        JsonNode includes = rule.path("includes");
        JsonNode excludes = rule.path("excludes");
        check(includes, name + ", includes", problems);
        check(excludes, name + ", excludes", problems);
        boolean included =
                (includes.path("arches").isEmpty() || has(includes.path("arches"), ARCHITECTURE))
                        && hasEveryCapability(includes.path("caps"))
                        && (!includes.has("minKernel") || atLeast(includes.path("minKernel")));
        boolean excluded =
                has(excludes.path("arches"), ARCHITECTURE)
                        || hasAnyCapability(excludes.path("caps"))
                        || (excludes.has("minKernel") && atLeast(excludes.path("minKernel")));
        return included && !excluded;
    }

    private static void check(JsonNode conditions, String where, List<String> problems) {
        if (conditions.isMissingNode()) {
            return;
        }
        if (!conditions.isObject()) {
            problems.add(where + ": it is not an object");
            return;
        }
        for (String key : (Iterable<String>) conditions::fieldNames) {
            if (!KEYS.contains(key)) {
                problems.add(where + ": \"" + key + "\" is not known");
            }
        }
        for (String list : List.of("arches", "caps")) {
            if (conditions.has(list) && !conditions.path(list).isArray()) {
                problems.add(where + ": \"" + list + "\" is not a list");
            }
        }
        if (conditions.has("minKernel")
                && !VERSION.matcher(conditions.path("minKernel").asText()).matches()) {
            problems.add(where + ": \"minKernel\" is not a version such as \"4.8\"");
        }
    }

    private static boolean has(JsonNode list, String word) {
        for (JsonNode one : list) {
            if (one.asText().equals(word)) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasEveryCapability(JsonNode list) {
        for (JsonNode one : list) {
            if (!CAPABILITIES.contains(one.asText())) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasAnyCapability(JsonNode list) {
        for (JsonNode one : list) {
            if (CAPABILITIES.contains(one.asText())) {
                return true;
            }
        }
        return false;
    }

    private boolean atLeast(JsonNode wanted) {
        Matcher here = VERSION.matcher(kernel);
        Matcher least = VERSION.matcher(wanted.asText());
        if (!here.matches() || !least.matches()) {
            return false;
        }
        int major = Integer.compare(number(here, 1), number(least, 1));
        return major > 0 || (major == 0 && number(here, 2) >= number(least, 2));
    }

    private static int number(Matcher version, int group) {
        return Integer.parseInt(version.group(group));
    }
}
