package dev.hearth.gateway.knative;

import dev.hearth.contracts.Billing;
import dev.hearth.contracts.Durations;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ScalingRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code autoscaling.knative.dev/*}, as Knative's documentation words them ("Configuring
 * autoscaling").
 */
final class Annotations {
    static final String PREFIX = "autoscaling.knative.dev/";

    /** Knative's names of what {@link ScalingRules} writes; percentages are plain numbers there. */
    private static final Map<String, String> RULES =
            Map.of(
                    "target", "target",
                    "target-utilization-percentage", "utilisation",
                    "window", "window",
                    "panic-window-percentage", "panic-window",
                    "panic-threshold-percentage", "panic-threshold",
                    "scale-down-delay", "down-delay",
                    "initial-scale", "initial",
                    "activation-scale", "activation");

    /** Cloud Run's, for the same manifests. */
    static final String THROTTLING = "run.googleapis.com/cpu-throttling";

    private static final int DEFAULT_MAX = 100;
    private static final Duration DEFAULT_IDLE = Duration.ofSeconds(60);

    private Annotations() {}

    /** Throws INVALID {@code unsupported-field} or {@code invalid-scaling}. */
    static Scaling scaling(Map<String, String> annotations, int concurrency) {
        Map<String, String> left = new HashMap<>();
        annotations.forEach(
                (name, value) -> {
                    if (name.startsWith(PREFIX)) {
                        // both spellings are Knative's
                        left.put(spelling(name.substring(PREFIX.length())), value);
                    }
                });
        expect(left, "class", "kpa.autoscaling.knative.dev");
        expect(left, "metric", "concurrency");
        left.remove("target-burst-capacity"); // the gateway is in the way of every request anyhow
        int min = number(left, "min-scale", 0);
        int max = number(left, "max-scale", DEFAULT_MAX);
        String kept = left.remove("scale-to-zero-pod-retention-period");
        List<String> rules = new ArrayList<>();
        RULES.forEach(
                (theirs, ours) -> {
                    String value = left.remove(theirs);
                    if (value != null) {
                        rules.add(ours + "=" + value);
                    }
                });
        if (!left.isEmpty()) {
            throw HearthException.invalid(
                    "unsupported-field",
                    "the annotation "
                            + PREFIX
                            + left.keySet().iterator().next()
                            + " is not supported; leave it out");
        }
        return new Scaling(
                concurrency,
                min,
                max == 0 ? 1000 : max,
                kept == null ? DEFAULT_IDLE : idle(kept),
                ScalingRules.parse(String.join(",", rules)));
    }

    /** CPU that is not throttled between requests is paid for there. */
    static Billing billing(Map<String, String> annotations) {
        String value = annotations.getOrDefault(THROTTLING, "true");
        return switch (value) {
            case "true" -> Billing.REQUEST;
            case "false" -> Billing.INSTANCE;
            default ->
                    throw HearthException.invalid(
                            "invalid-billing",
                            "the annotation "
                                    + THROTTLING
                                    + "=\""
                                    + value
                                    + "\" is neither true nor false");
        };
    }

    /** Those that do not say how to scale and to bill, which are kept as they are. */
    static Map<String, String> others(Map<String, String> annotations) {
        Map<String, String> others = new HashMap<>(annotations);
        others.keySet().removeIf(name -> name.startsWith(PREFIX) || name.equals(THROTTLING));
        return others;
    }

    private static String spelling(String name) {
        return switch (name) {
            case "minScale" -> "min-scale";
            case "maxScale" -> "max-scale";
            case "initialScale" -> "initial-scale";
            case "activationScale" -> "activation-scale";
            case "targetUtilizationPercentage" -> "target-utilization-percentage";
            case "panicWindowPercentage" -> "panic-window-percentage";
            case "panicThresholdPercentage" -> "panic-threshold-percentage";
            case "scaleDownDelay" -> "scale-down-delay";
            case "targetBurstCapacity" -> "target-burst-capacity";
            case "scaleToZeroPodRetentionPeriod" -> "scale-to-zero-pod-retention-period";
            default -> name;
        };
    }

    /** Idle time is a second at least here, where Knative's retention may be none; or auto. */
    private static Duration idle(String kept) {
        if (kept.equals("auto")) {
            return Scaling.LEARNED;
        }
        Duration least = Duration.ofSeconds(1);
        Duration wanted = Durations.parse(kept);
        return wanted.compareTo(least) < 0 ? least : wanted;
    }

    private static void expect(Map<String, String> annotations, String name, String only) {
        String value = annotations.remove(name);
        if (value != null && !value.equals(only)) {
            throw HearthException.invalid(
                    "unsupported-field",
                    "the annotation " + PREFIX + name + " can be " + only + " only");
        }
    }

    private static int number(Map<String, String> annotations, String name, int otherwise) {
        String value = annotations.remove(name);
        if (value == null) {
            return otherwise;
        }
        if (!value.matches("\\d{1,6}")) {
            throw HearthException.invalid(
                    "invalid-scaling",
                    "the annotation " + PREFIX + name + "=\"" + value + "\" is not a whole number");
        }
        return Integer.parseInt(value);
    }
}
