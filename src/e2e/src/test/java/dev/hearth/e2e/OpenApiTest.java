package dev.hearth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.RestAssured;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What the built platform tells of its own API. */
@Tag("root")
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(SharedPlatform.class)
class OpenApiTest {
    private static Platform platform;

    @BeforeAll
    static void start(Platform shared) {
        platform = shared;
    }

    @Test
    void openapi_documentAndPage_areServedByThePlatform() {
        String admin = "http://127.0.0.1:" + platform.adminPort;
        assertThat(RestAssured.get(admin + "/openapi").asString()).startsWith("openapi: 3.1.0");
        assertThat(RestAssured.get(admin + "/swagger-ui/swagger-ui-bundle.js").asByteArray().length)
                .isGreaterThan(500_000);
    }
}
