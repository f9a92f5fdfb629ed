package dev.hearth.gateway.admin;

import dev.hearth.contracts.ExitCause;
import dev.hearth.contracts.InstanceExit;
import dev.hearth.contracts.InstanceView;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.RuntimePort;
import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.pool.RevisionPool;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Numbers of instances for a collector, in Prometheus' text format (version 0.0.4). Services at
 * zero have no line. Safe from any thread.
 */
final class Metrics {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final RuntimePort runtime;
    private final Supplier<Collection<RevisionPool>> pools;
    private final Map<End, LongAdder> ends = new ConcurrentHashMap<>();

    private record End(ProjectName project, String cause) {}

    /** Counts ends of instances from now on. */
    Metrics(RuntimePort runtime, Supplier<Collection<RevisionPool>> pools) {
        this.runtime = runtime;
        this.pools = pools;
        runtime.onExit(this::ended);
    }

    private void ended(InstanceExit exit) {
        String cause =
                switch (exit.cause()) {
                    case ExitCause.Exited e -> "exited";
                    case ExitCause.Killed k -> "killed";
                    case ExitCause.OutOfMemory o -> "out_of_memory";
                    case ExitCause.Unwatched u -> "unwatched";
                    case ExitCause.NodeLost _ -> "node_lost";
                    case ExitCause.NotStarted _ -> "not_started";
                    case ExitCause.Stopped s -> s.reason().name().toLowerCase(Locale.ROOT);
                };
        ends.computeIfAbsent(new End(exit.revision().project(), cause), c -> new LongAdder())
                .increment();
    }

    /** A service's name; and its project's, unless that is the default one. */
    private static String labels(ServiceName service) {
        return "service=\"%s\"".formatted(service.label()) + label(service.project());
    }

    private static String label(ProjectName project) {
        return project.isDefault() ? "" : ",project=\"%s\"".formatted(project);
    }

    /**
     * What there is now; reads the kernel's files of every instance.
     *
     * @param projects whose numbers are told
     */
    String text(Predicate<ProjectName> projects) {
        StringBuilder text = new StringBuilder();
        Map<String, Long> instances = new TreeMap<>();
        for (InstanceView i : runtime.instances()) {
            // names and states need no escaping: letters, digits and hyphens
            if (projects.test(i.service().project())) {
                instances.merge(
                        "%s,state=\"%s\"".formatted(labels(i.service()), i.state()), 1L, Long::sum);
            }
        }
        write(text, "hearth_instances", "gauge", "Instances by service and state.", instances);
        Map<String, Long> waiting = new TreeMap<>();
        for (RevisionPool pool : pools.get()) {
            ServiceName service = pool.revision().service();
            if (pool.queued() > 0 && projects.test(service.project())) {
                waiting.merge(labels(service), (long) pool.queued(), Long::sum);
            }
        }
        write(text, "hearth_requests_waiting", "gauge", "Requests without a place.", waiting);
        Map<String, Long> over = new TreeMap<>();
        ends.forEach(
                (end, count) -> {
                    if (projects.test(end.project())) {
                        over.put(
                                "cause=\"%s\"".formatted(end.cause()) + label(end.project()),
                                count.sum());
                    }
                });
        write(
                text,
                "hearth_instance_ends_total",
                "counter",
                "Ends of instances that had been ready, by cause.",
                over);
        return text.toString();
    }

    private static void write(
            StringBuilder text, String name, String type, String help, Map<String, Long> values) {
        text.append("# HELP %s %s\n# TYPE %s %s\n".formatted(name, help, name, type));
        values.forEach(
                (labels, value) -> text.append("%s{%s} %d\n".formatted(name, labels, value)));
    }
}
