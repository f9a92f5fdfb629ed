package dev.hearth.catalog.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hearth.contracts.ContainerSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two releases read each other's rows while a platform is upgraded. */
class ColumnsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static ContainerSpec container() {
        return new ContainerSpec(List.of("/run"), List.of(), Map.of(), 8080, false, List.of());
    }

    @Test
    void container_partsThatAreEmpty_areNotWritten() {
        JsonNode written = JSON.valueToTree(ContainerColumn.of(container()));

        assertThat(written.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("command", "port", "http2");
    }

    @Test
    void container_partsOfALaterRelease_arePassedOver() throws Exception {
        String later = "{\"port\": 8080, \"command\": [\"/run\"], \"laterOnes\": {\"a\": [1]}}";

        assertThat(JSON.readValue(later, ContainerColumn.class).spec()).isEqualTo(container());
    }

    @Test
    void traffic_partsOfALaterRelease_arePassedOver() throws Exception {
        String later = "{\"targets\": [{\"percent\": 100, \"later\": 1}], \"later\": true}";

        assertThat(JSON.readValue(later, TrafficColumn.class).targets()).hasSize(1);
    }
}
