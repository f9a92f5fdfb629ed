package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.AuditBody;
import dev.hearth.contracts.AdminApi.AuditEntry;
import dev.hearth.contracts.ProjectName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hearth audit}: who changed what. */
@Command(
        name = "audit",
        description = "Show who changed what, newest first, with what was and what is since.")
final class AuditCommand extends HearthCommand {
    @Option(names = "--who", paramLabel = "TOKEN", description = "by this token only")
    private @Nullable String who;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            description = "of this kind only: service, revision, token, secret, image, …")
    private @Nullable String kind;

    @Option(names = "--name", paramLabel = "NAME", description = "of what has this name only")
    private @Nullable String name;

    @Option(names = "--before", paramLabel = "N", description = "older than this entry")
    private @Nullable Long before;

    @Option(
            names = "--most",
            paramLabel = "N",
            defaultValue = "50",
            description = "entries to show (${DEFAULT-VALUE})")
    private int most;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() {
        List<String> query = new ArrayList<>(List.of("most=" + most));
        add(query, "project", connection().project().map(ProjectName::value).orElse(null));
        add(query, "who", who);
        add(query, "kind", kind);
        add(query, "name", name);
        if (before != null) {
            query.add("before=" + before);
        }
        AuditBody page = client().get("/audit?" + String.join("&", query), AuditBody.class);
        if (json) {
            printJson(page);
            return 0;
        }
        Table table = new Table("ENTRY", "AT", "PROJECT", "WHO", "DID", "TO");
        for (AuditEntry e : page.entries()) {
            table.row(
                    Long.toString(e.id()),
                    e.at(),
                    e.project(),
                    e.who(),
                    e.action(),
                    e.name().isEmpty() ? e.kind() : e.kind() + " " + e.name());
        }
        table.print(out());
        if (page.next() != null) {
            err().printf("older ones: --before %d; what changed: --json%n", page.next());
        }
        return 0;
    }

    private static void add(List<String> query, String key, @Nullable String value) {
        if (value != null) {
            query.add(key + "=" + Client.encode(value));
        }
    }
}
