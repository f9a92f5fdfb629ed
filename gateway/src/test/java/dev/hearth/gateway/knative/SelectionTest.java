package dev.hearth.gateway.knative;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.MultiMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectionTest {
    private static Selection of(String parameter, String value) {
        return Selection.of(MultiMap.caseInsensitiveMultiMap().add(parameter, value));
    }

    @Test
    void of_nothing_allServices() {
        Selection all = Selection.of(MultiMap.caseInsensitiveMultiMap());
        assertThat(all.matches("any")).isTrue();
        assertThat(all.labels()).isEmpty();
    }

    @Test
    void of_aName_thatOneOnly() {
        assertThat(of("fieldSelector", "metadata.name=web").matches("web")).isTrue();
        assertThat(of("fieldSelector", "metadata.name=web").matches("web2")).isFalse();
    }

    @Test
    void of_labels_allOfThem() {
        assertThat(of("labelSelector", "tier=front,team==shop").labels())
                .isEqualTo(Map.of("tier", "front", "team", "shop"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "labelSelector|tier!=front",
                "labelSelector|tier in (a)",
                "labelSelector|tier",
                "labelSelector|=a",
                "fieldSelector|status.url=x",
                "fieldSelector|metadata.name!=web",
            })
    void of_whatIsNotKnown_refused(String parameter, String value) {
        assertThatThrownBy(() -> of(parameter, value)).hasMessageContaining("is not understood");
    }
}
