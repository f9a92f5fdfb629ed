package dev.hearth.contracts;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Other settings to replay demand under: {@code target=50,idle=10s,max=3}, with {@code
 * concurrency}, {@code min}, {@code max}, {@code idle} and the names of {@link ScalingRules}.
 *
 * @param rules those of the rules that differ, as they are written
 */
public record ScalingChange(
        Optional<Integer> concurrency,
        Optional<Integer> min,
        Optional<Integer> max,
        Optional<Long> idleMillis,
        String rules) {
    /** None that differs. */
    public static final ScalingChange NONE =
            new ScalingChange(
                    Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), "");

    /** The change written as {@code text}; throws INVALID {@code invalid-scaling} otherwise. */
    public static ScalingChange parse(String text) {
        @Nullable Integer concurrency = null;
        @Nullable Integer min = null;
        @Nullable Integer max = null;
        @Nullable Long idle = null;
        List<String> rules = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            String value = part.substring(part.indexOf('=') + 1);
            switch (part.substring(0, Math.max(0, part.indexOf('=')))) {
                case "concurrency" -> concurrency = whole(part, value);
                case "min" -> min = whole(part, value);
                case "max" -> max = whole(part, value);
                case "idle" -> idle = Scaling.parseIdle(value).toMillis();
                default -> rules.add(part);
            }
        }
        String others = String.join(",", rules);
        ScalingRules.parse(others);
        return new ScalingChange(
                Optional.ofNullable(concurrency),
                Optional.ofNullable(min),
                Optional.ofNullable(max),
                Optional.ofNullable(idle),
                others);
    }

    private static int whole(String part, String value) {
        if (!value.matches("\\d{1,6}")) {
            throw HearthException.invalid(
                    "invalid-scaling", "in \"" + part + "\" there is no whole number");
        }
        return Integer.parseInt(value);
    }

    /** A revision's settings with this change; throws INVALID {@code invalid-scaling}. */
    public DemandSample.Bounds of(DemandSample.Bounds b) {
        Scaling changed =
                new Scaling(
                        concurrency.orElse(b.concurrency()),
                        min.orElse(Math.min(b.minInstances(), max.orElse(b.maxInstances()))),
                        max.orElse(b.maxInstances()),
                        Duration.ofMillis(idleMillis.orElse(b.idleMillis())),
                        ScalingRules.parse(b.rules()).changed(rules));
        return new DemandSample.Bounds(
                changed.concurrency(),
                changed.minInstances(),
                changed.maxInstances(),
                changed.idle().toMillis(),
                b.cpuMillis(),
                b.cpuLimitMillis(),
                b.memoryBytes(),
                changed.rules().toString());
    }
}
