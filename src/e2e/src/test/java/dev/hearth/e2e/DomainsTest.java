package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.RestAssured;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Host names of services' own. */
@Tag("root")
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(SharedPlatform.class)
class DomainsTest {
    @TempDir private Path scratch;
    private static Platform platform;

    @BeforeAll
    static void start(Platform shared) {
        platform = shared;
    }

    private static int status(String host) {
        return RestAssured.given()
                .header("Host", host)
                .get("http://127.0.0.1:" + platform.httpPort + "/")
                .statusCode();
    }

    @Test
    void domain_added_isTheServicesUntilItIsRemoved() throws Exception {
        platform.deploy("named");
        platform.deploy("other");
        assertThat(status("www.example.com")).isEqualTo(404);

        assertThat(platform.succeed("domains", "add", "www.example.com", "named").lastLine())
                .isEqualTo("http://www.example.com:" + platform.httpPort + "/");

        assertThat(status("www.example.com")).isEqualTo(200);
        assertThat(status("WWW.example.com:80")).isEqualTo(200);
        assertThat(platform.succeed("domains").out()).containsPattern("www.example.com +named");
        assertThat(platform.hearth("domains", "add", "www.example.com", "other").err())
                .contains("leads to service \"named\" already");
        assertThat(platform.hearth("domains", "add", "x.localhost", "named").code()).isEqualTo(2);
        platform.succeed("domains", "remove", "www.example.com");
        assertThat(status("www.example.com")).isEqualTo(404);
        assertThat(platform.hearth("domains", "remove", "www.example.com").err())
                .contains("leads to no service");
    }

    @Test
    void domainMapping_applied_leadsToTheService() throws Exception {
        platform.deploy("mapped");
        Path file =
                Files.writeString(
                        scratch.resolve("mapping.yaml"),
                        """
                        apiVersion: serving.knative.dev/v1beta1
                        kind: DomainMapping
                        metadata:
                          name: mapped.example.com
                        spec:
                          ref:
                            kind: Service
                            name: mapped
                            apiVersion: serving.knative.dev/v1
                        """);

        assertThat(platform.succeed("apply", "-f", file.toString()).out())
                .contains("mapped.example.com leads to mapped");

        assertThat(status("mapped.example.com")).isEqualTo(200);
        platform.succeed("delete", "mapped");
        assertThat(platform.succeed("domains", "list").out()).doesNotContain("mapped.example.com");
    }
}
