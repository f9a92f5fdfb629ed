package dev.hearth.gateway.openapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OpenApiDocumentTest {
    private static final OpenApiDocument DOCUMENT = OpenApiDocument.read();

    @Test
    void references_allOfThem_leadSomewhere() {
        List<String> references = DOCUMENT.root().findValuesAsText("$ref");
        assertThat(references).hasSizeGreaterThan(50);
        assertThat(references)
                .allSatisfy(
                        ref -> {
                            assertThat(ref).startsWith("#/components/");
                            assertThat(DOCUMENT.root().at(ref.substring(1)).isObject())
                                    .as(ref)
                                    .isTrue();
                        });
        Set<String> schemas = new HashSet<>();
        DOCUMENT.root()
                .at("/components/schemas")
                .fieldNames()
                .forEachRemaining(name -> schemas.add("#/components/schemas/" + name));
        assertThat(references).as("no schema is there for nothing").containsAll(schemas);
    }

    @Test
    void operations_haveNamesOfTheirOwnAndSayWhatTheyDo() {
        List<String> names = DOCUMENT.root().findValuesAsText("operationId");
        assertThat(names).hasSameSizeAs(DOCUMENT.calls()).doesNotHaveDuplicates();
        assertThat(DOCUMENT.root().path("openapi").asText()).isEqualTo("3.1.0");
        assertThat(DOCUMENT.root().findParents("operationId"))
                .allSatisfy(o -> assertThat(o.path("summary").asText()).isNotEmpty());
        for (JsonNode operation : DOCUMENT.root().findParents("operationId")) {
            for (JsonNode tag : operation.path("tags")) {
                assertThat(DOCUMENT.root().path("tags").findValuesAsText("name"))
                        .contains(tag.asText());
            }
        }
    }

    @Test
    void holds_answersThatAreNotPromised_fails() {
        String pruned = "{\"images\":1,\"bytes\":60}";
        for (String wrong :
                List.of(
                        "{\"images\":1}",
                        "{\"images\":\"1\",\"bytes\":60}",
                        "[]",
                        "{\"images\":1,\"bytes\":60,\"x\":1}")) {
            assertThatThrownBy(
                            () ->
                                    DOCUMENT.holds(
                                            "POST",
                                            "/api/v1/images/prune",
                                            200,
                                            "application/json",
                                            wrong))
                    .as(wrong)
                    .isInstanceOf(AssertionError.class);
        }
        assertThatThrownBy(
                        () ->
                                DOCUMENT.holds(
                                        "POST", "/api/v1/images/prune", 200, "text/plain", pruned))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(
                        () ->
                                DOCUMENT.holds(
                                        "DELETE",
                                        "/api/v1/services/hello",
                                        204,
                                        "application/json",
                                        pruned))
                .isInstanceOf(AssertionError.class);
    }
}
