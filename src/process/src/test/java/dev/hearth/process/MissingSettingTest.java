package dev.hearth.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class MissingSettingTest {
    @Test
    void settingThatNobodySet_isNamedAsTheEnvironmentNamesIt() {
        Throwable expansion =
                new RuntimeException(
                        "Failed to start quarkus",
                        new NoSuchElementException(
                                "SRCFG00011: Could not expand value hearth.database.url in property"
                                        + " quarkus.datasource.reactive.url"));
        assertThat(MissingSetting.in(expansion).orElseThrow().sentence())
                .startsWith("HEARTH_DATABASE_URL is not set");
        Throwable required =
                new NoSuchElementException(
                        "SRCFG00014: The config property hearth.cluster-token is required but it"
                                + " could not be found in any config source");
        assertThat(MissingSetting.in(required).orElseThrow().sentence())
                .startsWith("HEARTH_CLUSTER_TOKEN is not set");
        Throwable around = new RuntimeException("Failed to load config value");
        around.addSuppressed(required); // as Quarkus' check of all injected settings tells it
        assertThat(MissingSetting.in(new RuntimeException(around)).orElseThrow().sentence())
                .startsWith("HEARTH_CLUSTER_TOKEN is not set");
        assertThat(MissingSetting.in(required).orElseThrow().kind().isCallersFault()).isTrue();
    }

    @Test
    void otherFailures_areNoneOfThat() {
        assertThat(MissingSetting.in(new RuntimeException("Port already bound: 8084"))).isEmpty();
        assertThat(MissingSetting.in(new RuntimeException())).isEmpty();
    }
}
