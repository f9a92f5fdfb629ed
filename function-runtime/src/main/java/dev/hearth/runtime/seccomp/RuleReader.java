package dev.hearth.runtime.seccomp;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads the entries of "syscalls"; what is wrong with one is collected, with the rule's name. */
final class RuleReader {
    private static final int EPERM = 1;
    private static final int MOST_ERRNO = 4095;
    private static final int MOST_ARGUMENTS = 6;
    private static final BigInteger MOST_VALUE = BigInteger.TWO.pow(64);
    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]{0,63}");
    private static final Set<String> KEYS =
            Set.of(
                    "names",
                    "name",
                    "action",
                    "errnoRet",
                    "args",
                    "comment",
                    "includes",
                    "excludes");
    private static final Set<String> ARGUMENT_KEYS = Set.of("index", "value", "valueTwo", "op");

    private final List<String> problems;

    RuleReader(List<String> problems) {
        this.problems = problems;
    }

    /** What to call a rule: "rule 3 (mount, umount2, …)". */
    static String describe(JsonNode rule, int number) {
        List<String> names = names(rule).limit(3).toList();
        String some = String.join(", ", names.subList(0, Math.min(2, names.size())));
        return "rule "
                + number
                + (names.isEmpty() ? "" : " (" + some + (names.size() > 2 ? ", …" : "") + ")");
    }

    private static Stream<String> names(JsonNode rule) {
        Stream.Builder<String> names = Stream.builder();
        rule.path("names").forEach(n -> names.add(n.asText()));
        if (rule.has("name")) {
            names.add(rule.path("name").asText());
        }
        return names.build();
    }

    /** The rule; as several when one argument is compared more than once. */
    List<SeccompProfile.Rule> read(JsonNode json, String rule) {
        if (!json.isObject()) {
            problems.add(rule + ": it is not an object");
            return List.of();
        }
        checkKeys(json, KEYS, rule);
        List<String> names = names(json).toList();
        if (names.isEmpty()) {
            problems.add(rule + ": it names no system call");
        }
        names.stream()
                .filter(n -> !NAME.matcher(n).matches())
                .forEach(n -> problems.add(rule + ": \"" + n + "\" is no name of a system call"));
        SeccompProfile.Answer answer = answer(json, "action", "errnoRet", rule);
        JsonNode args = json.path("args");
        if (json.has("args") && !args.isArray() && !args.isNull()) {
            problems.add(rule + ": \"args\" is not a list");
        }
        List<SeccompProfile.Comparison> comparisons = new ArrayList<>();
        args.forEach(a -> comparison(a, rule).ifPresent(comparisons::add));
        Set<Integer> indices = new HashSet<>();
        comparisons.forEach(c -> indices.add(c.index()));
        if (indices.size() == comparisons.size()) {
            return List.of(new SeccompProfile.Rule(names, answer, List.copyOf(comparisons)));
        }
        // As runc and crun have it: then any of them is enough, since a filter cannot ask twice.
        return comparisons.stream()
                .map(c -> new SeccompProfile.Rule(names, answer, List.of(c)))
                .toList();
    }

    /** The action under one key and the error number under another; EPERM when it has none. */
    SeccompProfile.Answer answer(JsonNode json, String key, String errnoKey, String where) {
        String wanted = json.path(key).asText();
        int errno = EPERM;
        if (json.hasNonNull(errnoKey)) {
            JsonNode given = json.path(errnoKey);
            errno = given.asInt(-1);
            if (!given.isInt() || errno < 0 || errno > MOST_ERRNO) {
                problems.add(where + ": \"" + errnoKey + "\" is not from 0 to " + MOST_ERRNO);
            }
        }
        for (SeccompProfile.Action action : SeccompProfile.Action.values()) {
            if (action.inProfile.equals(wanted)) {
                boolean withErrno = action == SeccompProfile.Action.ERRNO;
                return new SeccompProfile.Answer(action, withErrno ? errno : 0);
            }
        }
        problems.add(
                where
                        + ": \""
                        + key
                        + "\" is \""
                        + wanted
                        + "\", which is not one of those that Hearth knows (such as"
                        + " SCMP_ACT_ALLOW and SCMP_ACT_ERRNO)");
        return new SeccompProfile.Answer(SeccompProfile.Action.ERRNO, errno);
    }

    private void checkKeys(JsonNode json, Set<String> known, String where) {
        for (String key : (Iterable<String>) json::fieldNames) {
            if (!known.contains(key)) {
                problems.add(where + ": \"" + key + "\" is not known");
            }
        }
    }

    private Optional<SeccompProfile.Comparison> comparison(JsonNode json, String rule) {
        int before = problems.size();
        checkKeys(json, ARGUMENT_KEYS, rule + ", args");
        int index = json.path("index").asInt(-1);
        if (!json.path("index").isInt() || index < 0 || index >= MOST_ARGUMENTS) {
            problems.add(rule + ": the \"index\" of an argument is not from 0 to 5");
        }
        long value = value(json.path("value"), "value", rule);
        long value2 = json.has("valueTwo") ? value(json.path("valueTwo"), "valueTwo", rule) : 0;
        String wanted = json.path("op").asText();
        for (SeccompProfile.Operator operator : SeccompProfile.Operator.values()) {
            if (operator.inProfile.equals(wanted)) {
                return problems.size() > before
                        ? Optional.empty()
                        : Optional.of(
                                new SeccompProfile.Comparison(index, operator, value, value2));
            }
        }
        problems.add(rule + ": \"op\" is \"" + wanted + "\", which is no comparison");
        return Optional.empty();
    }

    /** Unsigned, so that a bit mask may have its highest bit. */
    private long value(JsonNode json, String key, String rule) {
        BigInteger number =
                json.isIntegralNumber() ? json.bigIntegerValue() : BigInteger.ONE.negate();
        if (number.signum() < 0 || number.compareTo(MOST_VALUE) >= 0) {
            problems.add(rule + ": \"" + key + "\" is not a number of 64 bits");
        }
        return number.longValue();
    }
}
