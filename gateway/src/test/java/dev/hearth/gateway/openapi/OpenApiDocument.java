package dev.hearth.gateway.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** The document as programs read it: its calls, and whether an answer is one that it promises. */
public final class OpenApiDocument {
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "patch");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final SchemaRegistry SCHEMAS =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private final JsonNode root;
    private final Map<String, Schema> schemas = new ConcurrentHashMap<>();

    private OpenApiDocument(JsonNode root) {
        this.root = root;
    }

    /** The one that is served. */
    public static OpenApiDocument read() {
        try (InputStream in = OpenApiRoutes.class.getResourceAsStream("openapi.yaml")) {
            return new OpenApiDocument(new YAMLMapper().readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JsonNode root() {
        return root;
    }

    /** Each as {@code GET /api/v1/services/{name}}. */
    public Set<String> calls() {
        Set<String> calls = new TreeSet<>();
        root.path("paths")
                .properties()
                .forEach(
                        path ->
                                path.getValue()
                                        .fieldNames()
                                        .forEachRemaining(
                                                method -> {
                                                    if (METHODS.contains(method)) {
                                                        calls.add(
                                                                method.toUpperCase(Locale.ROOT)
                                                                        + " "
                                                                        + path.getKey());
                                                    }
                                                }));
        return calls;
    }

    /**
     * Fails unless the document promises this answer; a call that is in no document is passed over.
     *
     * @param path without a query
     */
    public void holds(String method, String path, int status, String type, String body)
            throws IOException {
        Optional<JsonNode> operation = operation(method, path);
        if (operation.isEmpty()) {
            return;
        }
        JsonNode responses = operation.get().path("responses");
        String code = Integer.toString(status);
        JsonNode response = resolved(responses.path(responses.has(code) ? code : "default"));
        assertThat(response.has("description"))
                .as("%s %s promises an answer with %s", method, path, code)
                .isTrue();
        if (!response.has("content")) {
            assertThat(body).as("%s %s has no body", method, path).isEmpty();
            return;
        }
        String plain = type.replaceFirst(";.*", "");
        JsonNode media = response.path("content").path(plain);
        assertThat(media.has("schema")).as("%s %s answers in %s", method, path, plain).isTrue();
        if (plain.endsWith("json")) {
            assertThat(schema(media.path("schema")).validate(JSON.readTree(body)))
                    .as("%s %s answers %s", method, path, body)
                    .isEmpty();
        }
    }

    private Optional<JsonNode> operation(String method, String path) {
        return root.path("paths").properties().stream()
                .filter(p -> path.matches(p.getKey().replaceAll("\\{\\w+}", "[^/]+")))
                .sorted(
                        (a, b) ->
                                Boolean.compare(a.getKey().contains("{"), b.getKey().contains("{")))
                .map(p -> p.getValue().path(method.toLowerCase(Locale.ROOT)))
                .filter(JsonNode::isObject)
                .findFirst();
    }

    /** What a reference within the document stands for. */
    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? root.at(node.path("$ref").asText().substring(1)) : node;
    }

    /** A schema that finds what it refers to, as OpenAPI 3.1's do: in JSON Schema 2020-12. */
    private Schema schema(JsonNode schema) {
        return schemas.computeIfAbsent(
                schema.toString(),
                text -> {
                    ObjectNode whole = JSON.createObjectNode();
                    whole.set("components", root.path("components"));
                    whole.putArray("allOf").add(schema);
                    return SCHEMAS.getSchema(whole);
                });
    }
}
