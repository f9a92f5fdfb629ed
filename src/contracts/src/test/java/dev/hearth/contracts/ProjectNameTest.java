package dev.hearth.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProjectNameTest {
    private static final ProjectName ACME = new ProjectName("acme");

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "1a", "a-", "a--b", "a.b", "a/b", "a_b", "ü", " a"})
    void projectName_notALabel_invalid(String name) {
        assertThatThrownBy(() -> new ProjectName(name))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.reason()).isEqualTo("invalid-project"));
    }

    @Test
    void projectName_longerThan30_invalid() {
        assertThat(new ProjectName("a".repeat(30)).value()).hasSize(30);
        assertThatThrownBy(() -> new ProjectName("a".repeat(31)))
                .isInstanceOf(HearthException.class);
    }

    @Test
    void names_ofTheDefaultProject_areTheirLabels() {
        assertThat(ServiceName.of(ProjectName.DEFAULT, "web")).isEqualTo(new ServiceName("web"));
        assertThat(new ServiceName("web").project()).isEqualTo(ProjectName.DEFAULT);
        assertThat(new ServiceName("web").label()).isEqualTo("web");
        assertThat(new RevisionName("web-00001-abc").project()).isEqualTo(ProjectName.DEFAULT);
        assertThat(new JobName("night").project()).isEqualTo(ProjectName.DEFAULT);
    }

    @Test
    void names_ofAnotherProject_endWithIt() {
        ServiceName web = ServiceName.of(ACME, "web");
        assertThat(web.value()).isEqualTo("web.acme");
        assertThat(web.label()).isEqualTo("web");
        assertThat(web.project()).isEqualTo(ACME);

        RevisionName revision = RevisionName.of(web, 3, "k7d");
        assertThat(revision.value()).isEqualTo("web-00003-k7d.acme");
        assertThat(revision.label()).isEqualTo("web-00003-k7d");
        assertThat(revision.project()).isEqualTo(ACME);

        JobName job = JobName.of(ACME, "night");
        assertThat(job.asService().value()).isEqualTo("job--night.acme");
        ExecutionName execution = ExecutionName.of(job, "k7d2q");
        assertThat(execution.value()).isEqualTo("night-k7d2q.acme");
        assertThat(execution.attempt(4, 1).value()).isEqualTo("night-k7d2q-4-1.acme");
    }

    /** What somebody sends as a name cannot lead to another project. */
    @Test
    void of_nameWithAProject_invalid() {
        for (ProjectName project : new ProjectName[] {ACME, ProjectName.DEFAULT}) {
            assertInvalid(() -> ServiceName.of(project, "web.other"));
            assertInvalid(() -> RevisionName.of(project, "web-1.other"));
            assertInvalid(() -> JobName.of(project, "night.other"));
            assertInvalid(() -> ExecutionName.of(project, "night-k7d2q.other"));
        }
    }

    private static void assertInvalid(Runnable making) {
        assertThatThrownBy(making::run)
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.reason()).isEqualTo("invalid-name"));
    }

    @Test
    void serviceName_longerThan63WithItsProject_invalid() {
        ProjectName longest = new ProjectName("p".repeat(30));
        assertThat(ServiceName.of(longest, "a".repeat(32)).value()).hasSize(63);
        assertInvalid(() -> ServiceName.of(longest, "a".repeat(33)));
        assertInvalid(() -> JobName.of(longest, "a".repeat(28)));
    }

    @Test
    void token_ofAnAdmin_isTheWholePlatforms() {
        assertThatThrownBy(
                        () ->
                                new ApiToken(
                                        "boss",
                                        ACME,
                                        Role.ADMIN,
                                        java.time.Instant.EPOCH,
                                        java.util.Optional.empty()))
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.reason()).isEqualTo("invalid-role"));
    }
}
