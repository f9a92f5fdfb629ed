package dev.hearth.e2e;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.hearth.testing.Eventually;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Two projects on one platform, with a service of the same name each, and neither for the other.
 */
@Tag("root")
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(SharedPlatform.class)
class ProjectsTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    /** Nothing that is told to the other project may have it. */
    private static final String MARK = "reds-alone";

    private static Platform platform;
    private static String red;
    private static String blue;

    @BeforeAll
    static void start(Platform shared) throws Exception {
        platform = shared;
        for (String project : List.of("red", "blue")) {
            platform.succeed("projects", "create", project);
        }
        red = token("red");
        blue = token("blue");
        deploy("red", "WHO=" + MARK);
        deploy("blue", "WHO=blue");
    }

    @AfterAll
    static void stop() throws Exception {
        for (String project : List.of("red", "blue")) {
            platform.hearth("delete", "shop", "--project", project);
            platform.hearth("delete", "pushed", "--project", project);
            platform.hearth("jobs", "delete", "nightly", "--project", project);
            platform.hearth("secrets", "delete", "key", "--project", project);
            platform.succeed("projects", "delete", project);
        }
    }

    private static String token(String project) throws Exception {
        return platform.succeed(
                        "tokens",
                        "create",
                        project + "-ci",
                        "--role",
                        "deployer",
                        "--project",
                        project)
                .lastLine();
    }

    /** The admin may name files of the platform's machine for whichever project. */
    private static void deploy(String project, String env) throws Exception {
        assertThat(platform.deploy("shop", "--project", project, "--env", env).lastLine())
                .isEqualTo("http://shop." + project + ".localhost:" + platform.httpPort + "/");
    }

    private static RequestSpecification as(String token) {
        return given().baseUri("http://127.0.0.1:" + platform.adminPort)
                .header("Connection", "close")
                .header("Authorization", "Bearer " + token);
    }

    @Test
    void services_ofTheSameName_haveUrlsAndListsOfTheirOwn() throws Exception {
        assertThat(platform.get("shop.red", "/env").asString()).contains("WHO=" + MARK);
        assertThat(platform.get("shop.blue", "/env").asString()).contains("WHO=blue");
        assertThat(platform.get("shop", "/").statusCode()).isEqualTo(404);
        assertThat(platform.get("shop.green", "/").statusCode()).isEqualTo(404);
        assertThat(platform.get("shop.red", "/env").asString())
                .contains("K_SERVICE=shop\n", "K_REVISION=shop-0000")
                .doesNotContain(".red");

        for (String token : List.of(red, blue)) {
            Platform.Result list = platform.succeed("services", "--token", token);
            assertThat(list.out()).contains("shop").doesNotContainPattern("(?m)^shop\\.");
            assertThat(platform.succeed("instances", "--token", token, "--json").out())
                    .contains("\"shop\"");
        }
        assertThat(platform.succeed("services").out()).doesNotContain("shop");
        assertThat(platform.succeed("services", "--project", "red").out()).contains("shop");
        assertThat(platform.hearth("services", "--project", "green").err())
                .contains("there is no project");
    }

    /** Every call of the document, for the other project, by whoever may deploy in their own. */
    @Test
    void everyCall_forTheOtherProject_isRefusedAlike() throws Exception {
        JsonNode paths =
                new YAMLMapper().readTree(as(red).get("/openapi").asString()).path("paths");
        List<String> asked = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path : paths.properties()) {
            if (!path.getKey().startsWith("/api/v1/")) {
                continue; // what the API is, for everybody
            }
            for (String method : List.of("get", "post", "delete", "put", "patch")) {
                if (path.getValue().has(method)) {
                    String url = path.getKey().replaceAll("\\{[a-z]+\\}", "shop");
                    for (String other : List.of("red", "default", "no-such")) {
                        Response answer =
                                as(blue).header("X-Hearth-Project", other).request(method, url);
                        assertThat(answer.statusCode()).as(method + " " + url).isEqualTo(403);
                        assertThat(answer.asString())
                                .as(method + " " + url)
                                .contains("project-missing")
                                .doesNotContain(MARK);
                    }
                    asked.add(method + " " + url);
                }
            }
        }
        assertThat(asked).hasSizeGreaterThan(40);
        assertThat(platform.get("shop.red", "/env").asString()).contains(MARK);
    }

    /** Names of the other's things, as everything that reads takes them. */
    @Test
    void everyReading_byTheOthersNames_tellsNothing() {
        JsonNode service = as(red).get("/api/v1/services/shop").as(JsonNode.class);
        String revision = service.path("revisions").get(0).path("name").asText();
        for (String name : List.of("shop.red", "shop%2Ered", "red.shop", "shop.red.red")) {
            for (String path :
                    List.of(
                            "/services/NAME",
                            "/services/NAME/logs",
                            "/services/NAME/explain",
                            "/services/NAME/what-if?change=max=1",
                            "/usage?service=NAME",
                            "/usage/items?service=NAME",
                            "/jobs/NAME",
                            "/jobs/NAME/logs",
                            "/executions/NAME",
                            "/executions/NAME/tasks",
                            "/secrets/NAME/versions")) {
                Response answer =
                        as(blue).urlEncodingEnabled(false)
                                .get("/api/v1" + path.replace("NAME", name));
                assertThat(answer.statusCode()).as(path + name).isIn(400, 404);
                assertThat(answer.asString()).doesNotContain(MARK, revision);
            }
            assertThat(
                            as(blue).urlEncodingEnabled(false)
                                    .delete("/api/v1/services/" + name)
                                    .statusCode())
                    .isIn(400, 404);
        }
        for (String path :
                List.of(
                        "/services",
                        "/services/shop",
                        "/services/shop/logs",
                        "/instances",
                        "/usage",
                        "/images",
                        "/pulls",
                        "/jobs",
                        "/secrets",
                        "/domains",
                        "/registry",
                        "/invoker-token",
                        "/status")) {
            assertThat(as(blue).get("/api/v1" + path).asString())
                    .as(path)
                    .doesNotContain(MARK, revision)
                    .doesNotContainPattern("\\bred\\b");
        }
        assertThat(platform.get("shop.blue", "/").statusCode()).isEqualTo(200);
        assertThat(as(blue).get("/q/metrics").asString())
                .contains("project=\"blue\"")
                .doesNotContainPattern("\\bred\\b");
        for (String path : List.of("/projects", "/audit", "/tokens", "/budget")) {
            assertThat(as(blue).get("/api/v1" + path).statusCode()).isEqualTo(403);
        }
        assertThat(
                        as(blue).body("{\"to\":[\"" + revision + "=100\"]}")
                                .post("/api/v1/services/shop/traffic")
                                .statusCode())
                .isEqualTo(404);
    }

    @Test
    void googlesAndKnativesApi_goByProject() {
        String services = "/v2/projects/PROJECT/locations/here/services";
        assertThat(as(red).get(services.replace("PROJECT", "red")).asString())
                .contains("/services/shop\"", MARK, "http://shop.red.localhost")
                .doesNotContain("shop.red/");
        Response others = as(blue).get(services.replace("PROJECT", "red") + "/shop");
        Response nobodys = as(blue).get(services.replace("PROJECT", "gray") + "/shop");
        assertThat(others.statusCode()).isEqualTo(403);
        assertThat(others.asString()).isEqualTo(nobodys.asString().replace("gray", "red"));
        assertThat(as(platform.token()).get(services.replace("PROJECT", "red")).asString())
                .contains(MARK);
        assertThat(as(platform.token()).get(services.replace("PROJECT", "gray")).asString())
                .doesNotContain(MARK);

        String knative = "/apis/serving.knative.dev/v1/namespaces/NS/services";
        assertThat(as(red).get(knative.replace("NS", "red")).asString())
                .contains("\"namespace\":\"red\"", MARK);
        Response there = as(blue).get(knative.replace("NS", "red") + "/shop");
        Response nowhere = as(blue).get(knative.replace("NS", "gray") + "/shop");
        assertThat(there.statusCode()).isEqualTo(404);
        assertThat(there.asString()).isEqualTo(nowhere.asString().replace("gray", "red"));
        assertThat(as(blue).get(knative.replace("NS", "blue")).asString())
                .contains("\"name\":\"shop\"")
                .doesNotContain(MARK);
    }

    @Test
    void secrets_areOfEachProject() throws Exception {
        for (String project : List.of("red", "blue")) {
            Response made =
                    as(project.equals("red") ? red : blue)
                            .header("Content-Type", "application/octet-stream")
                            .body(("value-of-" + project).getBytes())
                            .post("/api/v1/secrets?name=key");
            assertThat(made.statusCode()).as(made.asString()).isEqualTo(200);
            platform.deploy("shop", "--project", project, "--secret", "KEY=key");
        }
        assertThat(platform.get("shop.red", "/env").asString()).contains("KEY=value-of-red");
        assertThat(platform.get("shop.blue", "/env").asString()).contains("KEY=value-of-blue");
        Platform.Result none =
                platform.hearth(
                        "deploy",
                        "shop",
                        "--image",
                        Platform.HELLO,
                        "--secret",
                        "KEY=key",
                        "--max",
                        "3");
        assertThat(none.err()).contains("no secret");
        deploy("red", "WHO=" + MARK);
        deploy("blue", "WHO=blue");
    }

    @Test
    void jobs_ofTheSameName_runForTheirOwnProject() throws Exception {
        for (String project : List.of("red", "blue")) {
            platform.succeed(
                    "jobs",
                    "deploy",
                    "nightly",
                    "--image",
                    Platform.image("busybox"),
                    "--command=sh",
                    "--args=-c",
                    "--args=sleep 6; echo done-for-$WHO by $CLOUD_RUN_JOB", // two sweeps live
                    "--env",
                    "WHO=" + (project.equals("red") ? MARK : project),
                    "--memory",
                    "32Mi",
                    "--project",
                    project);
        }
        String reds = platform.succeed("jobs", "run", "nightly", "--token", red).lastLine();
        String run = platform.succeed("jobs", "run", "nightly", "--wait", "--token", blue).err();
        assertThat(run).contains("succeeded: 1 of 1 tasks succeeded");
        assertThat(platform.succeed("jobs", "logs", "nightly", "--token", blue).out())
                .contains("done-for-blue by nightly")
                .doesNotContain(MARK);
        Eventually.until(
                "red's is done",
                DEADLINE,
                () ->
                        as(red).get("/api/v1/executions/" + reds)
                                .jsonPath()
                                .getString("state")
                                .equals("succeeded"));
        assertThat(platform.succeed("jobs", "logs", "nightly", "--token", red).out())
                .contains("done-for-" + MARK)
                .doesNotContain("done-for-blue");
        assertThat(platform.succeed("jobs", "executions", "nightly", "--token", blue).out())
                .doesNotContain(reds);
        assertThat(as(blue).get("/api/v1/executions/" + reds).statusCode()).isEqualTo(404);
        assertThat(platform.succeed("jobs", "list").out()).doesNotContain("nightly");
    }

    @Test
    void job_withTheOtherProjectsSecret_isRefused() throws Exception {
        Response made =
                as(red).header("Content-Type", "application/octet-stream")
                        .body("value".getBytes())
                        .post("/api/v1/secrets?name=reds-only");
        assertThat(made.statusCode()).as(made.asString()).isEqualTo(200);
        Platform.Result refused =
                platform.hearth(
                        "jobs",
                        "deploy",
                        "lacking",
                        "--image",
                        Platform.image("busybox"),
                        "--command=true",
                        "--secret",
                        "KEY=reds-only",
                        "--project",
                        "blue");
        assertThat(refused.code()).isNotZero();
        assertThat(refused.err())
                .contains("there is no secret \"reds-only\"", "hearth secrets list");
        assertThat(platform.succeed("jobs", "list", "--project", "blue").out())
                .doesNotContain("lacking");
        platform.succeed("secrets", "delete", "reds-only", "--project", "red");
    }

    @Test
    void repositories_beginWithTheProject_andAreItsOwn() throws Exception {
        String image = "localhost:" + platform.httpPort + "/red/hello:v1";
        assertThat(push(image, red)).isEmpty();
        assertThat(push(image, blue)).contains("403 (Forbidden)");
        assertThat(push("localhost:" + platform.httpPort + "/hello:v1", red))
                .contains("403 (Forbidden)");
        Platform.Result deployed =
                platform.succeed("deploy", "pushed", "--image", image, "--token", red);
        assertThat(deployed.lastLine()).startsWith("http://pushed.red.localhost");
        assertThat(platform.get("pushed.red", "/").statusCode()).isEqualTo(200);
        Platform.Result others =
                platform.hearth("deploy", "pushed", "--image", image, "--token", blue);
        assertThat(others.code()).isNotZero();
        assertThat(others.err()).contains("not for tokens of the project");
    }

    /** By skopeo; what it says when it fails, else nothing. */
    private static String push(String image, String token) throws Exception {
        Platform.Result push =
                Platform.run(
                        List.of(
                                "skopeo",
                                "copy",
                                "--insecure-policy",
                                "--dest-tls-verify=false",
                                "--dest-creds=hearth:" + token,
                                Platform.HELLO + ":latest",
                                "docker://" + image));
        return push.code() == 0 ? "" : push.err() + push.out();
    }

    @Test
    void bill_isOfEachProject() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(platform.get("shop.red", "/").statusCode()).isEqualTo(200);
        }
        Eventually.until("red's requests are on its bill", DEADLINE, () -> requests(red) >= 3);
        long reds = requests(red);
        assertThat(platform.get("shop.blue", "/").statusCode()).isEqualTo(200);
        Eventually.until("blue's request is on its bill", DEADLINE, () -> requests(blue) >= 1);
        assertThat(requests(red)).isEqualTo(reds);
        assertThat(platform.succeed("usage", "--project", "red").out()).contains("shop");
        assertThat(platform.succeed("usage", "shop").out()).doesNotContain("shop.");
    }

    private static long requests(String token) {
        return as(token)
                .get("/api/v1/usage?service=shop")
                .as(JsonNode.class)
                .path("total")
                .path("requests")
                .asLong();
    }

    @Test
    void quota_bindsItsOwnProject() throws Exception {
        platform.succeed("quota", "--project", "blue", "--services", "1");
        Platform.Result refused =
                platform.hearth("deploy", "more", "--project", "blue", "--image", Platform.HELLO);
        assertThat(refused.err()).contains("quota of services");
        platform.deploy("more", "--project", "red");
        platform.succeed("delete", "more", "--project", "red");
        assertThat(platform.succeed("quota", "--token", red).out()).contains("services none");
        assertThat(platform.hearth("quota", "--token", blue, "--services", "none").code())
                .isEqualTo(2);
        platform.succeed("quota", "--project", "blue", "--services", "none");
    }

    @Test
    void privateService_takesItsOwnProjectsTokenOnly() throws Exception {
        platform.deploy("closed", "--project", "red", "--private");
        String reds = platform.succeed("invoker-token", "--token", red).lastLine();
        String blues = platform.succeed("invoker-token", "--token", blue).lastLine();
        assertThat(called("closed.red", reds)).isEqualTo(200);
        for (String wrong : List.of(blues, platform.secret("invoker-token"), red, "")) {
            assertThat(called("closed.red", wrong)).isEqualTo(401);
        }
        platform.succeed("delete", "closed", "--project", "red");
    }

    private static int called(String service, String token) {
        return given().baseUri("http://127.0.0.1:" + platform.httpPort)
                .header("Host", service + ".localhost:" + platform.httpPort)
                .header("Authorization", "Bearer " + token)
                .get("/")
                .statusCode();
    }
}
