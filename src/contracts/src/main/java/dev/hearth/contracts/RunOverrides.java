package dev.hearth.contracts;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one execution has otherwise than its job says.
 *
 * @param args in place of the job's; empty for those
 * @param env beside the job's; wins over it, and over a secret in a variable of that name
 */
public record RunOverrides(
        Optional<List<String>> args,
        Map<String, String> env,
        Optional<Integer> tasks,
        Optional<Duration> timeout) {
    public static final RunOverrides NONE =
            new RunOverrides(Optional.empty(), Map.of(), Optional.empty(), Optional.empty());

    public RunOverrides {
        args = args.map(List::copyOf);
        env = Map.copyOf(env);
    }

    /** The execution's template; throws INVALID as {@link TaskTemplate} does. */
    public TaskTemplate over(TaskTemplate template) {
        ContainerSpec container = template.container();
        Map<String, String> all = new HashMap<>(container.env());
        all.putAll(env);
        List<SecretMount> secrets =
                container.secrets().stream().filter(s -> !env.containsKey(s.target())).toList();
        return template.with(
                ContainerSpec.toEnd(
                        container.command(), args.orElse(container.args()), all, secrets),
                tasks.orElse(template.tasks()),
                timeout.orElse(template.timeout()));
    }
}
