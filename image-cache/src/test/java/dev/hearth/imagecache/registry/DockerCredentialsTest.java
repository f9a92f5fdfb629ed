package dev.hearth.imagecache.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.HearthException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which of the log-ins in docker's and podman's files counts for an image. */
class DockerCredentialsTest {
    @TempDir Path temp;

    @ParameterizedTest
    @CsvSource({
        "registry.example/team/app/web, app",
        "registry.example/team/app, app",
        "registry.example/team/apple, team",
        "registry.example/team, team",
        "registry.example/other/app, registry",
        "registry.example:5000/team/app, port",
        "old.example/app, old",
        "older.example/app, older",
        "docker.io/nginx, hub",
        "index.docker.io/library/nginx, hub",
        "docker.io/me/app, hub-me"
    })
    void find_keys_mostSpecificWins(String image, String user) throws IOException {
        write(
                "config.json",
                """
                {"auths": {
                  "registry.example": %s,
                  "registry.example/team": %s,
                  "registry.example/team/app": %s,
                  "registry.example:5000": %s,
                  "https://old.example/v2/": %s,
                  "http://older.example": %s,
                  "https://index.docker.io/v1/": %s,
                  "docker.io/me": %s,
                  "empty.example": {}}}
                """
                        .formatted(
                                auth("registry"),
                                auth("team"),
                                auth("app"),
                                auth("port"),
                                auth("old"),
                                auth("older"),
                                auth("hub"),
                                auth("hub-me")));

        assertThat(find("config.json", image)).contains(new Login.Password(user, "p:w"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "other.example/app",
                "example/registry.example:1",
                "sub.registry.example/app",
                "registry.example:5001/app"
            })
    void find_otherRegistry_none(String image) throws IOException {
        write("config.json", "{\"auths\":{\"registry.example\":" + auth("me") + "}}");

        String whole = image.startsWith("example/") ? "x." + image : image;
        assertThat(find("config.json", whole)).isEmpty();
    }

    @Test
    void find_emptyEntryOrNone_none() throws IOException {
        write("empty.json", "{}");
        write("nulls.json", "{\"auths\":{\"registry.example\":null},\"credsStore\":\"\"}");
        write("hollow.json", "{\"auths\":{\"registry.example\":{}}}");

        for (String file : List.of("empty.json", "nulls.json", "hollow.json", "missing.json")) {
            assertThat(find(file, "registry.example/app")).isEmpty();
        }
    }

    @Test
    void find_identityToken_winsOverTheUserBesideIt() throws IOException {
        write(
                "config.json",
                "{\"auths\":{\"registry.example\":{\"auth\":\""
                        + encoded("me:")
                        + "\",\"identitytoken\":\"refresh\"}}}");

        assertThat(find("config.json", "registry.example/app"))
                .contains(new Login.IdentityToken("refresh"));
    }

    @Test
    void find_helpers_itsOwnThenTheFileThenTheStore() throws IOException {
        CredentialHelpersTest.script(temp, "own", answer("own"));
        CredentialHelpersTest.script(temp, "store", answer("store"));
        write(
                "config.json",
                """
                {"auths": {"a.example": %s, "b.example": %s, "c.example": {}},
                 "credHelpers": {"a.example": "own", "d.example": ""},
                 "credsStore": "store"}
                """
                        .formatted(auth("file"), auth("file")));

        assertThat(user("a.example/app")).isEqualTo("own registry a.example");
        assertThat(user("b.example/app")).isEqualTo("file");
        assertThat(user("c.example/app")).isEqualTo("store registry c.example");
        assertThat(user("d.example/app")).isEqualTo("store registry d.example");
        assertThat(user("docker.io/nginx")).isEqualTo("store registry https://index.docker.io/v1/");
    }

    @Test
    void find_helperHasNone_theNextOneCounts() throws IOException {
        CredentialHelpersTest.script(
                temp, "none", "echo credentials not found in native keychain; exit 1");
        write(
                "config.json",
                "{\"auths\":{\"a.example\":"
                        + auth("file")
                        + "},\"credHelpers\":{\"a.example\":\"none\"}}");

        assertThat(user("a.example/app")).isEqualTo("file");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "secret",
                "[\"secret\"]",
                "{\"auths\":{\"registry.example\":\"secret\"}}",
                "{\"auths\":{\"registry.example\":{\"auth\":\"secret!\"}}}",
                "{\"auths\":{\"registry.example\":{\"auth\":\"c2VjcmV0\"}}}",
                "{\"auths\":{\"registry.example\":{\"auth\":[\"secret\"]}}}"
            })
    void find_brokenFile_saidWithoutItsContent(String content) throws IOException {
        write("config.json", content);

        assertThatThrownBy(() -> find("config.json", "registry.example/app"))
                .hasMessageContaining("config.json")
                .hasMessageNotContaining("secret")
                .hasMessageNotContaining("c2VjcmV0")
                .hasNoCause()
                .extracting(e -> ((HearthException) e).reason())
                .isEqualTo("invalid-docker-config");
    }

    @Test
    void find_projectsFile_winsOverTheUsers() throws IOException {
        write("config.json", "{\"auths\":{\"registry.example/team\":" + auth("user") + "}}");
        LogInFile project = LogInFile.ofProject(temp, "default");
        assertThat(project.path()).isEqualTo(temp.resolve("projects/default/registries.json"));
        DockerCredentials both = new DockerCredentials(temp.resolve("config.json")).after(project);
        assertThat(user(both, "registry.example/team/app")).isEqualTo("user");

        Files.createDirectories(temp.resolve("projects/default"));
        write(
                "projects/default/registries.json",
                "{\"auths\":{\"registry.example\":" + auth("project") + "}}");
        permissions(project.path(), "rw-------");

        assertThat(user(both, "registry.example/team/app")).isEqualTo("project");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw-rw-rw-"})
    void find_projectsFileOpenToOthers_refused(String permissions) throws IOException {
        write("open.json", "{\"auths\":{\"registry.example\":" + auth("me") + "}}");
        permissions(temp.resolve("open.json"), permissions);
        LogInFile file = new LogInFile(temp.resolve("open.json"), true);

        assertThatThrownBy(file::read)
                .hasMessageContaining(permissions)
                .hasMessageContaining("chmod 600")
                .extracting(e -> ((HearthException) e).reason())
                .isEqualTo("invalid-docker-config");
    }

    @Test
    void ofUser_environment_dockersAndPodmansFiles() {
        DockerCredentials credentials =
                DockerCredentials.ofUser(
                        Path.of("/home/me"),
                        Map.of("XDG_RUNTIME_DIR", "/run/user/7", "PATH", "/usr/bin"));

        assertThat(credentials.files())
                .extracting(file -> file.path().toString())
                .containsExactly(
                        "/home/me/.docker/config.json",
                        "/run/user/7/containers/auth.json",
                        "/run/containers/0/auth.json",
                        "/home/me/.config/containers/auth.json");
        assertThat(credentials.helpers().path()).containsExactly(Path.of("/usr/bin"));
    }

    @Test
    void toString_logIns_withoutSecrets() {
        assertThat(new Login.Password("me", "secret").toString()).doesNotContain("secret");
        assertThat(new Login.IdentityToken("secret").toString()).doesNotContain("secret");
    }

    private String user(String image) {
        DockerCredentials credentials =
                new DockerCredentials(
                        List.of(new LogInFile(temp.resolve("config.json"), false)),
                        new CredentialHelpers(List.of(temp)));
        return user(credentials, image);
    }

    private static String user(DockerCredentials credentials, String image) {
        return credentials
                .find(TestRegistry.image(image), Duration.ofSeconds(10))
                .map(login -> ((Login.Password) login).user())
                .orElse("none");
    }

    private Optional<Login> find(String file, String image) {
        return new DockerCredentials(temp.resolve(file))
                .find(TestRegistry.image(image), Duration.ofSeconds(10));
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(temp.resolve(name), content);
    }

    private static void permissions(Path file, String permissions) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    private static String auth(String user) {
        return "{\"auth\":\"" + encoded(user + ":p:w") + "\"}";
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String answer(String name) {
        return "read server; echo \"{\\\"Username\\\":\\\""
                + name
                + " registry $server\\\",\\\"Secret\\\":\\\"s\\\"}\"";
    }
}
