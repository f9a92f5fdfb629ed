package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.RevisionBody;
import dev.hearth.contracts.AdminApi.RolloutBody;
import dev.hearth.contracts.AdminApi.ServiceBody;
import dev.hearth.contracts.AdminApi.TrafficBody;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth describe}: everything about one service. */
@Command(name = "describe", description = "Show a service and its revisions.")
final class DescribeCommand extends HearthCommand {
    @Parameters(paramLabel = "NAME", description = "the service's name")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() {
        ServiceBody service = client().get("/services/" + Client.encode(name), ServiceBody.class);
        if (json) {
            printJson(service);
            return 0;
        }
        line("Name", service.name());
        line("URL", service.url());
        line("Instances", Integer.toString(service.instances()));
        line("Created", service.createdAt());
        line("Updated", service.updatedAt());
        line("Budget", service.budget());
        line("Callers", service.invokers().equals("token") ? "with the invoker token" : "anyone");
        for (TrafficBody t : service.traffic()) {
            String url = t.url();
            line(
                    "Traffic",
                    (url == null ? t.percent() + " %" : url)
                            + " to "
                            + (t.latest() ? "the latest" : t.revision()));
        }
        rollout(service.rollout());
        for (RevisionBody r : service.revisions()) {
            out().println();
            boolean serving = r.name().equals(service.revision());
            line("Revision", r.name() + (serving ? " (serving)" : ""));
            line("Image", r.image());
            line("Digest", r.digest());
            if (!r.command().isEmpty() || !r.args().isEmpty()) {
                line("Command", String.join(" ", r.command()) + " " + String.join(" ", r.args()));
            }
            for (Map.Entry<String, String> e : new TreeMap<>(r.env()).entrySet()) {
                line("Env", e.getKey() + "=" + e.getValue());
            }
            if (r.secrets() != null) {
                r.secrets().forEach(secret -> line("Secret", secret));
            }
            line("Port", r.port() + (r.http2() ? " (HTTP/2)" : ""));
            probe("Startup", r.startupProbe());
            probe("Liveness", r.livenessProbe());
            String spare = r.cpuLimit().equals(r.cpu()) ? "" : " to " + r.cpuLimit();
            line("Limits", r.cpu() + spare + " cpu, " + r.memory() + " memory");
            line(
                    "Scaling",
                    r.min()
                            + " to "
                            + r.max()
                            + " instances, "
                            + r.concurrency()
                            + " requests each, to zero after "
                            + r.idle());
            if (!r.scaling().equals("default")) {
                line("Rules", r.scaling());
            }
            line("Billing", "by " + r.billing());
            line("Timeout", r.timeout());
            if (r.sessionAffinity()) {
                line("Affinity", "by cookie");
            }
            line("Rate", r.rateLimit() + "; of each client " + r.clientRateLimit());
            line("Egress", r.egress());
            line("Created", r.createdAt());
        }
        return 0;
    }

    private void probe(String what, @Nullable String probe) {
        if (probe != null) {
            line(what, probe);
        }
    }

    private void rollout(@Nullable RolloutBody moved) {
        if (moved == null) {
            return;
        }
        String why = moved.reason();
        line(
                "Rollout",
                "to "
                        + moved.revision()
                        + switch (moved.phase()) {
                            case "running" ->
                                    ", "
                                            + moved.percent()
                                            + " % since "
                                            + moved.movedAt()
                                            + ", steps "
                                            + moved.steps().stream()
                                                    .map(String::valueOf)
                                                    .collect(Collectors.joining(","))
                                            + " over "
                                            + moved.duration();
                            case "done" -> ", done at " + moved.movedAt();
                            default -> ", stopped at " + moved.movedAt();
                        }
                        + (why == null ? "" : ": " + why));
    }

    private void line(String what, String value) {
        out().printf("%-10s %s%n", what + ":", value.strip());
    }
}
