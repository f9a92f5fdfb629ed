package dev.hearth.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.ProjectName;
import org.junit.jupiter.api.Test;

class ProjectSecretTest {
    private static final ProjectName ACME = new ProjectName("acme");

    @Test
    void secret_ofEachProject_isAnother() {
        String acmes = ProjectSecret.of("platform", ACME);
        assertThat(ProjectSecret.of("platform", ProjectName.DEFAULT)).isEqualTo("platform");
        assertThat(acmes)
                .startsWith("acme.")
                .hasSize(5 + 43)
                .isEqualTo(ProjectSecret.of("platform", ACME))
                .isNotEqualTo(ProjectSecret.of("another", ACME));
        assertThat(ProjectSecret.of("platform", new ProjectName("acme-2")).substring(7))
                .isNotEqualTo(acmes.substring(5));
        assertThat(ProjectSecret.of("", ACME)).isEmpty();
    }
}
