package dev.hearth.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.hearth.contracts.AdminApi.DomainBody;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hearth apply}: Knative Services in YAML, as they are. */
@Command(
        name = "apply",
        description = "Deploy the Knative Services (serving.knative.dev/v1) of a YAML file.")
final class ApplyCommand extends HearthCommand {
    private static final int MOST_BYTES = 1 << 20;

    @Option(
            names = {"-f", "--filename"},
            paramLabel = "FILE",
            required = true,
            description = "one or several documents, in YAML or JSON; - for stdin")
    @SuppressWarnings("NullAway.Init")
    private String file;

    @Override
    public Integer call() {
        for (JsonNode document : documents()) {
            String name = document.path("metadata").path("name").asText();
            if (name.isEmpty()) {
                throw HearthException.invalid(
                        "invalid-field", "a document of " + file + " has no metadata.name");
            }
            if (document.path("kind").asText().equals("DomainMapping")) {
                lead(name, document);
            } else {
                apply(name, document);
            }
        }
        return 0;
    }

    /** A serving.knative.dev DomainMapping: its name is the domain, its ref the service. */
    private void lead(String domain, JsonNode document) {
        JsonNode to = document.path("spec").path("ref");
        if (!document.path("apiVersion").asText().startsWith("serving.knative.dev/")
                || !to.path("kind").asText().equals("Service")) {
            throw HearthException.invalid(
                    "invalid-field",
                    "spec.ref of the DomainMapping "
                            + domain
                            + " is no serving.knative.dev Service");
        }
        DomainBody added = DomainsCommand.add(client(), domain, to.path("name").asText());
        out().println(domain + " leads to " + added.service());
        out().println(added.url());
    }

    private void apply(String name, JsonNode document) {
        String services = services(document);
        String path = services + "/" + Client.encode(name);
        boolean there = client().exists(path);
        JsonNode service =
                there
                        ? client().send("PUT", path, document.toString())
                        : client().send("POST", services, document.toString());
        JsonNode status = service.path("status");
        out().println(
                        name
                                + (there ? " configured" : " created")
                                + ", revision "
                                + status.path("latestReadyRevisionName").asText());
        out().println(status.path("url").asText());
    }

    /** Of the document's own namespace, or of the project that is asked for. */
    private String services(JsonNode document) {
        String own = document.path("metadata").path("namespace").asText();
        ProjectName asked = connection().project().orElse(ProjectName.DEFAULT);
        return "/apis/serving.knative.dev/v1/namespaces/"
                + Client.encode(own.isEmpty() ? asked.value() : own)
                + "/services";
    }

    private List<JsonNode> documents() {
        try {
            byte[] text =
                    file.equals("-")
                            ? System.in.readNBytes(MOST_BYTES + 1)
                            : Files.readAllBytes(Path.of(file));
            if (text.length > MOST_BYTES) {
                throw HearthException.invalid("invalid-file", file + " is larger than 1 MiB");
            }
            List<JsonNode> all = new ArrayList<>();
            try (MappingIterator<JsonNode> documents =
                    new YAMLMapper()
                            .readerFor(JsonNode.class)
                            .readValues(new String(text, StandardCharsets.UTF_8))) {
                while (documents.hasNextValue()) {
                    JsonNode document = documents.nextValue();
                    if (document != null && !document.isNull() && !document.isMissingNode()) {
                        all.add(document);
                    }
                }
            }
            if (all.isEmpty()) {
                throw HearthException.invalid("invalid-file", file + " has no document");
            }
            return all;
        } catch (JsonProcessingException e) {
            throw HearthException.invalid(
                    "invalid-file", file + " is not YAML: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new HearthException(
                    ErrorKind.INVALID, "invalid-file", "reading " + file + " failed: " + e, e);
        }
    }
}
