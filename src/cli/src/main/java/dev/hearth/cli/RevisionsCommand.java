package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.RevisionBody;
import dev.hearth.contracts.AdminApi.ServiceBody;
import dev.hearth.contracts.AdminApi.TrafficBody;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth revisions}: what was deployed under a name, and what gets its requests. */
@Command(name = "revisions", description = "List a service's revisions and their traffic.")
final class RevisionsCommand extends HearthCommand {
    @Parameters(paramLabel = "NAME", description = "the service's name")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(
            names = "--delete",
            paramLabel = "REVISION",
            description = "forget one that has neither traffic nor tags")
    private @Nullable String delete;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() {
        String path = "/services/" + Client.encode(name);
        if (delete != null) {
            client().delete(path + "/revisions/" + Client.encode(delete));
            return 0;
        }
        ServiceBody service = client().get(path, ServiceBody.class);
        if (json) {
            printJson(service.revisions());
            return 0;
        }
        Table table = new Table("REVISION", "TRAFFIC", "TAGS", "IMAGE", "DEPLOYED");
        for (RevisionBody r : service.revisions()) {
            List<TrafficBody> its =
                    service.traffic().stream().filter(t -> t.revision().equals(r.name())).toList();
            int percent = its.stream().mapToInt(TrafficBody::percent).sum();
            boolean latest = r.name().equals(service.latest());
            table.row(
                    r.name() + (latest ? " (latest)" : ""),
                    percent == 0 ? "" : percent + " %",
                    String.join(
                            " ",
                            its.stream().map(TrafficBody::tag).filter(Objects::nonNull).toList()),
                    r.image(),
                    Table.age(r.createdAt(), Instant.now()) + " ago");
        }
        table.print(out());
        return 0;
    }
}
