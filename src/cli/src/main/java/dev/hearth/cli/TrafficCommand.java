package dev.hearth.cli;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.AdminApi.ServiceBody;
import dev.hearth.contracts.AdminApi.TrafficBody;
import dev.hearth.contracts.TrafficTarget;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth traffic}: who gets a service's requests. */
@Command(name = "traffic", description = "Show or change which revisions get a service's requests.")
final class TrafficCommand extends HearthCommand {
    @Parameters(paramLabel = "NAME", description = "the service's name")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(
            names = "--to",
            paramLabel = "REVISION=PERCENT",
            arity = "1..*",
            description =
                    "shares that add up to 100; LATEST is whichever was deployed last; may be repeated; with"
                            + " --gradual one REVISION alone")
    private List<String> to = List.of();

    @Option(
            names = "--tag",
            paramLabel = "TAG=REVISION",
            description = "gives a revision a URL of its own; may be repeated")
    private Map<String, String> tag = new LinkedHashMap<>();

    @Option(names = "--untag", paramLabel = "TAG", description = "takes a tag away")
    private List<String> untag = List.of();

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Gradually gradually;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() {
        if (gradually.plan().isEmpty()) {
            to.forEach(TrafficTarget::parse);
        }
        String path = "/services/" + Client.encode(name);
        ServiceBody service =
                to.isEmpty() && tag.isEmpty() && untag.isEmpty() && gradually.duration == null
                        ? client().get(path, ServiceBody.class)
                        : client().post(
                                        path + "/traffic",
                                        new AdminApi.Traffic(
                                                to,
                                                tag,
                                                untag,
                                                gradually.duration,
                                                gradually.steps),
                                        ServiceBody.class);
        if (json) {
            printJson(service.traffic());
        } else {
            print(service, out());
        }
        return 0;
    }

    /** What {@code hearth rollback} says, too. */
    static void print(ServiceBody service, PrintWriter out) {
        Table table = new Table("REVISION", "TRAFFIC", "URL");
        for (TrafficBody t : service.traffic()) {
            String url = t.url();
            table.row(
                    t.latest() ? t.revision() + " (LATEST)" : t.revision(),
                    t.percent() == 0 ? "" : t.percent() + " %",
                    url == null ? service.url() : url);
        }
        table.print(out);
    }
}
