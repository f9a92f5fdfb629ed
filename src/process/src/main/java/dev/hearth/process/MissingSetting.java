package dev.hearth.process;

import dev.hearth.contracts.HearthException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What SmallRye Config says of a setting that nobody has set, in our own words. */
final class MissingSetting {
    /** SRCFG00011 and SRCFG00014. */
    private static final Pattern SAID =
            Pattern.compile(
                    "Could not expand value ([a-zA-Z0-9._-]+)"
                            + "|[Cc]onfig(?:uration)? property ([a-zA-Z0-9._-]+) is required");

    private MissingSetting() {}

    /** The failure as one that whoever starts the process can mend; empty for any other. */
    static Optional<HearthException> in(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            for (Throwable said :
                    Stream.concat(Stream.of(t), Stream.of(t.getSuppressed())).toList()) {
                Matcher m = SAID.matcher(String.valueOf(said.getMessage()));
                if (m.find()) {
                    return Optional.of(missing(m.group(1) == null ? m.group(2) : m.group(1)));
                }
            }
        }
        return Optional.empty();
    }

    /** Named as the environment names it (MicroProfile Config, "Environment Variables Mapping"). */
    private static HearthException missing(String property) {
        String variable = property.replaceAll("[^a-zA-Z0-9]", "_").toUpperCase(Locale.ROOT);
        return HearthException.invalid(
                "missing-setting",
                variable
                        + " is not set; this process needs it in its environment (see k8s/README.md"
                        + " for what each process needs)");
    }
}
