package dev.hearth.cli;

import dev.hearth.contracts.AdminApi.ImageBody;
import dev.hearth.contracts.AdminApi.ImagesBody;
import dev.hearth.contracts.AdminApi.PrunedBody;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hearth images}: what is unpacked here, how much room it takes, who uses it. */
@Command(name = "images", description = "List the images of the node, or remove the unused ones.")
final class ImagesCommand extends HearthCommand {
    private static final int HEX_SHOWN = 12;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Option(names = "--prune", description = "remove the images that no revision uses")
    private boolean prune;

    @Option(
            names = "--sbom",
            paramLabel = "REF",
            description = "the packages in an image, as CycloneDX JSON")
    private @Nullable String sbom;

    @Override
    public Integer call() {
        String wanted = sbom;
        if (wanted != null) {
            out().println(client().text("/images/sbom?image=" + Client.encode(wanted)).strip());
            return 0;
        }
        if (prune) {
            PrunedBody pruned = client().post("/images/prune", PrunedBody.class);
            if (json) {
                printJson(pruned);
            } else {
                out().printf(
                                "removed %d images, freed %s%n",
                                pruned.images(), Watching.size(pruned.bytes()));
            }
            return 0;
        }
        ImagesBody images = client().get("/images", ImagesBody.class);
        if (json) {
            printJson(images);
            return 0;
        }
        print(images);
        return 0;
    }

    private void print(ImagesBody images) {
        Table table = new Table("IMAGE", "DIGEST", "SIZE", "SHARED", "LAST USED", "SERVICES");
        for (ImageBody i : images.images()) {
            table.row(
                    i.references().isEmpty() ? "-" : i.references().getFirst().split("@", 2)[0],
                    i.digest().substring("sha256:".length()).substring(0, HEX_SHOWN),
                    Watching.size(i.bytes()),
                    Watching.size(i.sharedBytes()),
                    i.running() ? "running" : Table.age(i.lastUsed(), Instant.now()) + " ago",
                    i.services().isEmpty() ? "-" : String.join(",", i.services()));
        }
        table.print(out());
        out().printf(
                        "layers %s, pushed %s, budget %s%n",
                        Watching.size(images.layerBytes()),
                        Watching.size(images.registryBytes()),
                        Watching.size(images.budgetBytes()));
    }
}
