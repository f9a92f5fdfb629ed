package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.RestAssured;
import io.restassured.response.Response;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Tokens and the audit log as their users have them. */
@Tag("root")
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(SharedPlatform.class)
class AccessTest {
    private static Platform platform;

    @BeforeAll
    static void start(Platform shared) {
        platform = shared;
    }

    private static String token(String name, String role) throws Exception {
        return platform.succeed("tokens", "create", name, "--role", role).lastLine();
    }

    @Test
    void tokens_doWhatTheirRoleSays_andTheAuditLogNamesThem() throws Exception {
        String deployer = token("e2e-ci", "deployer");
        String viewer = token("e2e-reader", "viewer");

        platform.deploy("accessed", "--token", deployer);
        assertThat(platform.get("accessed", "/").statusCode()).isEqualTo(200);
        assertThat(platform.hearth("services", "--token", viewer).out()).contains("accessed");
        assertThat(platform.hearth("logs", "accessed", "--token", viewer).code()).isZero();
        Platform.Result refused = platform.hearth("delete", "accessed", "--token", viewer);
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("deployer", "e2e-reader", "viewer");
        assertThat(platform.hearth("audit", "--token", deployer).code()).isEqualTo(2);
        platform.succeed("stop", "accessed", "--token", deployer);

        String audit = platform.succeed("audit", "--who", "e2e-ci").out();
        assertThat(audit)
                .contains("create  service accessed")
                .contains("create  revision accessed-00001")
                .contains("stop    service accessed");
        assertThat(platform.succeed("audit", "--who", "e2e-ci", "--json").out())
                .contains("\"before\"", "\"traffic\"")
                .doesNotContain(deployer);
        assertThat(platform.succeed("audit", "--kind", "token").out())
                .contains("bootstrap", "token e2e-ci", "token e2e-reader");

        platform.succeed("tokens", "revoke", "e2e-ci");
        Platform.Result revoked = platform.hearth("services", "--token", deployer);
        assertThat(revoked.code()).isEqualTo(2);
        assertThat(revoked.err()).contains("neither expired nor revoked");
        assertThat(platform.succeed("tokens", "list").out())
                .contains("e2e-reader")
                .doesNotContain("e2e-ci", viewer);
        platform.succeed("tokens", "revoke", "e2e-reader");
    }

    private static Response registry(String method, String path, String password) {
        String login =
                Base64.getEncoder()
                        .encodeToString(("any:" + password).getBytes(StandardCharsets.UTF_8));
        return RestAssured.given()
                .header("Host", "localhost:" + platform.httpPort)
                .header("Authorization", "Basic " + login)
                .header("Connection", "close")
                .request(method, "http://127.0.0.1:" + platform.httpPort + path);
    }

    @Test
    void registry_byRole() throws Exception {
        String deployer = token("e2e-pusher", "deployer");
        String viewer = token("e2e-puller", "viewer");
        String uploads = "/v2/accessed/blobs/uploads/";

        assertThat(registry("GET", "/v2/", viewer).statusCode()).isEqualTo(200);
        Response refused = registry("POST", uploads, viewer);
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.asString()).contains("DENIED", "deployer");
        assertThat(registry("POST", uploads, deployer).statusCode()).isEqualTo(202);
        assertThat(registry("POST", uploads, platform.registryToken()).statusCode()).isEqualTo(202);
        platform.succeed("tokens", "revoke", "e2e-pusher");
        assertThat(registry("POST", uploads, deployer).statusCode()).isEqualTo(401);
        platform.succeed("tokens", "revoke", "e2e-puller");
    }
}
