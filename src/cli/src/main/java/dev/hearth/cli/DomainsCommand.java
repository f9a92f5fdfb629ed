package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.DomainBody;
import dev.hearth.contracts.DomainName;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ServiceName;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hearth domains}: host names of services' own. */
@Command(
        name = "domains",
        description =
                "Lead host names of your own to services: add DOMAIN SERVICE, remove DOMAIN, list.")
final class DomainsCommand extends HearthCommand {
    @Parameters(index = "0", arity = "0..1", paramLabel = "add|remove|list", defaultValue = "list")
    @SuppressWarnings("NullAway.Init")
    private String action;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "DOMAIN",
            description = "such as shop.example.com, whose DNS entry leads here")
    private @Nullable String domain;

    @Parameters(index = "2", arity = "0..1", paramLabel = "SERVICE", description = "who gets it")
    private @Nullable String service;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() {
        switch (action) {
            case "add" -> add(given(domain, "a DOMAIN"), given(service, "a SERVICE"));
            case "remove" -> {
                nothing(service);
                String name = DomainName.parse(given(domain, "a DOMAIN")).value();
                client().delete("/domains/" + Client.encode(name));
            }
            case "list" -> {
                nothing(domain);
                list();
            }
            default ->
                    throw HearthException.invalid(
                            "invalid-action", "\"" + action + "\" is not add, remove or list");
        }
        return 0;
    }

    /** Leads a domain to a service. */
    static DomainBody add(Client client, String name, String wanted) {
        return client.post(
                "/domains/"
                        + Client.encode(DomainName.parse(name).value())
                        + "?service="
                        + Client.encode(new ServiceName(wanted).value()),
                DomainBody.class);
    }

    private void add(String name, String wanted) {
        DomainBody added = add(client(), name, wanted);
        if (json) {
            printJson(added);
        } else {
            out().println(added.url());
        }
    }

    private void list() {
        List<DomainBody> all = List.of(client().get("/domains", DomainBody[].class));
        if (json) {
            printJson(all);
            return;
        }
        Table table = new Table("DOMAIN", "SERVICE", "URL");
        all.forEach(one -> table.row(one.domain(), one.service(), one.url()));
        table.print(out());
    }

    private static String given(@Nullable String word, String what) {
        if (word == null) {
            throw HearthException.invalid(
                    "missing-word", "say " + what + ": hearth domains add DOMAIN SERVICE");
        }
        return word;
    }

    private static void nothing(@Nullable String word) {
        if (word != null) {
            throw HearthException.invalid(
                    "surplus-word", "\"" + word + "\" is one word too many here");
        }
    }
}
