package dev.hearth.gateway.cloudrun;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import dev.hearth.contracts.Billing;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.IdleCpu;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.Probes;
import dev.hearth.contracts.RateLimit;
import dev.hearth.contracts.RequestPolicy;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.Role;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ScalingRules;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceName;
import dev.hearth.gateway.access.MemoryTokens;
import dev.hearth.gateway.admin.PublicAddress;
import dev.hearth.gateway.job.FakeJobs;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The API's contract over HTTP and JSON, as Google's documentation words it. */
class CloudRunRoutesTest {
    private static final String BASE = "/v2/projects/p-1/locations/europe-west1";
    private static final String NAME = "projects/p-1/locations/europe-west1/services/hello";
    private static final ServiceName HELLO = new ServiceName("hello");

    /** Every field that there is something for. */
    private static final String WHOLE =
            """
            {"description": "says hello", "labels": {"team": "a"}, "annotations": {"x.org/y": "z"},
             "client": "terraform", "clientVersion": "1.2", "ingress": "INGRESS_TRAFFIC_ALL",
             "launchStage": "BETA",
             "template": {
              "revision": "hello-v1", "labels": {"l": "m"}, "annotations": {"n.org/o": "p"},
              "scaling": {"minInstanceCount": 1, "maxInstanceCount": 7},
              "timeout": "60s", "executionEnvironment": "EXECUTION_ENVIRONMENT_GEN2",
              "maxInstanceRequestConcurrency": 50, "sessionAffinity": true,
              "containers": [{
               "name": "web", "image": "localhost:8080/hello:v1",
               "command": ["/hello"], "args": ["-v"],
               "env": [{"name": "A", "value": "1"}, {"name": "B"}],
               "ports": [{"name": "h2c", "containerPort": 9000}],
               "resources": {"limits": {"cpu": "2", "memory": "1Gi"}, "cpuIdle": true,
                             "startupCpuBoost": true}
              }]},
             "traffic": [
              {"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100, "tag": "now"}],
             "scaling": {"minInstanceCount": 2, "maxInstanceCount": 5}}""";

    private static final String LEAST =
            "{\"template\": {\"containers\": [{\"image\": \"oci:/x\"}]}}";

    private final Vertx vertx = Vertx.vertx();
    private final MemoryTokens tokens = new MemoryTokens();
    private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
    private final MemoryCatalog catalog = new MemoryCatalog();
    private final FakeJobs jobs = new FakeJobs();
    private int port;

    @BeforeEach
    void listen() throws Exception {
        Router router = Router.router(vertx);
        new CloudRunRoutes(
                        catalog,
                        jobs,
                        new PublicAddress("http", "localhost", 8080),
                        tokens.access(),
                        Clock.system(),
                        blocking)
                .register(router);
        port =
                vertx.createHttpServer()
                        .requestHandler(router)
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get()
                        .actualPort();
    }

    @AfterEach
    void close() {
        vertx.close();
        blocking.shutdownNow();
    }

    private RequestSpecification call() {
        return given().baseUri("http://127.0.0.1:" + port + BASE)
                .header("Authorization", "Bearer secret")
                .contentType("application/json");
    }

    private ValidatableResponse create(String id, String body) {
        return call().body(body).post("/services?serviceId=" + id).then();
    }

    private ValidatableResponse patch(String query, String body) {
        return call().body(body).patch("/services/hello" + query).then();
    }

    private Service hello() {
        return catalog.service(HELLO).toCompletableFuture().join();
    }

    private static void error(ValidatableResponse answer, int http, String status, String says) {
        answer.statusCode(http)
                .body("error.code", equalTo(http))
                .body("error.status", equalTo(status))
                .body("error.message", containsString(says))
                .body(
                        "error.details[0].'@type'",
                        equalTo("type.googleapis.com/google.rpc.ErrorInfo"))
                .body("error.details[0].domain", equalTo("hearth.dev"));
    }

    @Test
    void create_everything_isDeployedSoAndComesBack() {
        create("hello", WHOLE)
                .statusCode(200)
                .body("done", equalTo(true))
                .body("name", startsWith("projects/p-1/locations/europe-west1/operations/"))
                .body(
                        "response.'@type'",
                        equalTo("type.googleapis.com/google.cloud.run.v2.Service"))
                .body(
                        "metadata.'@type'",
                        equalTo("type.googleapis.com/google.cloud.run.v2.Service"))
                .body("response.name", equalTo(NAME))
                .body("response.generation", equalTo("1"))
                .body("error", nullValue());

        DeployRequest request = catalog.deployed.getFirst();
        assertThat(request.service()).isEqualTo(HELLO);
        assertThat(request.image()).isEqualTo("localhost:8080/hello:v1");
        assertThat(request.container())
                .isEqualTo(
                        new ContainerSpec(
                                List.of("/hello"),
                                List.of("-v"),
                                Map.of("A", "1", "B", ""),
                                9000,
                                true));
        assertThat(request.resources())
                .isEqualTo(new Resources(new Cpu(2000), DataSize.mebibytes(1024)));
        assertThat(request.scaling()).isEqualTo(new Scaling(50, 1, 7, Duration.ofSeconds(60)));
        assertThat(request.requests().timeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(request.requests().sessionAffinity()).isTrue();
        assertThat(request.rollout().suffix()).isEqualTo("v1");
        assertThat(hello().invokers()).isEqualTo(Invokers.TOKEN);
        assertThat(hello().bounds().min()).isEqualTo(2);
        assertThat(hello().bounds().max()).isEqualTo(5);

        call().get("/services/hello")
                .then()
                .statusCode(200)
                .body("name", equalTo(NAME))
                .body("description", equalTo("says hello"))
                .body("labels", equalTo(Map.of("team", "a")))
                .body("annotations", equalTo(Map.of("x.org/y", "z")))
                .body("client", equalTo("terraform"))
                .body("clientVersion", equalTo("1.2"))
                .body("creator", equalTo("admin"))
                .body("ingress", equalTo("INGRESS_TRAFFIC_ALL"))
                .body("launchStage", equalTo("BETA"))
                .body("createTime", equalTo("2026-01-01T00:00:01.123456Z"))
                .body("scaling.minInstanceCount", equalTo(2))
                .body("scaling.maxInstanceCount", equalTo(5))
                .body("template.revision", equalTo("hello-v1"))
                .body("template.labels", equalTo(Map.of("l", "m")))
                .body("template.annotations", equalTo(Map.of("n.org/o", "p")))
                .body("template.scaling.maxInstanceCount", equalTo(7))
                .body("template.timeout", equalTo("60s"))
                .body("template.executionEnvironment", equalTo("EXECUTION_ENVIRONMENT_GEN2"))
                .body("template.maxInstanceRequestConcurrency", equalTo(50))
                .body("template.sessionAffinity", equalTo(true))
                .body("template.containers[0].name", equalTo("web"))
                .body("template.containers[0].command", contains("/hello"))
                .body("template.containers[0].args", contains("-v"))
                .body("template.containers[0].env.name", contains("A", "B"))
                .body("template.containers[0].ports[0].name", equalTo("h2c"))
                .body("template.containers[0].ports[0].containerPort", equalTo(9000))
                .body(
                        "template.containers[0].resources.limits",
                        equalTo(Map.of("cpu", "2", "memory", "1Gi")))
                .body("template.containers[0].resources.cpuIdle", equalTo(true))
                .body("template.containers[0].startupProbe.tcpSocket.port", equalTo(9000))
                .body("traffic[0].type", equalTo("TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"))
                .body("traffic[0].tag", equalTo("now"))
                .body("trafficStatuses[0].revision", equalTo("hello-v1"))
                .body("trafficStatuses[0].uri", equalTo("http://now---hello.localhost:8080"))
                .body("uri", equalTo("http://hello.localhost:8080"))
                .body("latestReadyRevision", equalTo(NAME + "/revisions/hello-v1"))
                .body("terminalCondition.state", equalTo("CONDITION_SUCCEEDED"))
                .body("observedGeneration", equalTo("1"))
                .body("reconciling", nullValue());
    }

    @Test
    void create_least_hasCloudRunsDefaults() {
        create("hello", LEAST).statusCode(200).body("done", equalTo(true));

        DeployRequest request = catalog.deployed.getFirst();
        assertThat(request.container().port()).isEqualTo(8080);
        assertThat(request.resources())
                .isEqualTo(new Resources(new Cpu(1000), DataSize.mebibytes(512)));
        assertThat(request.scaling()).isEqualTo(new Scaling(80, 0, 100, Duration.ofSeconds(60)));
        assertThat(request.requests()).isEqualTo(RequestPolicy.within(Duration.ofSeconds(300)));
        assertThat(request.egress()).isEqualTo(Egress.DEFAULT);
        call().get("/services/hello")
                .then()
                .body("template.revision", nullValue())
                .body("template.containers[0].resources.startupCpuBoost", equalTo(true))
                .body("traffic[0].percent", equalTo(100))
                .body("launchStage", equalTo("GA"));
    }

    @Test
    void create_cpuAlways_idleInstancesKeepAllOfIt_untilItIsTakenBack() {
        String always =
                """
                {"template": {"containers": [{"image": "oci:/x",
                  "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "cpuIdle": false}}]}}""";
        create("hello", always).statusCode(200);

        assertThat(catalog.deployed.getFirst().scaling().rules().idleCpu()).isEqualTo(IdleCpu.FULL);
        assertThat(catalog.deployed.getFirst().resources().billing()).isEqualTo(Billing.INSTANCE);
        call().get("/services/hello")
                .then()
                .body("template.containers[0].resources.cpuIdle", nullValue());
        patch("", always).body("response.generation", equalTo("1"));
        patch("", always.replace("false", "true")).body("response.generation", equalTo("2"));
        assertThat(catalog.deployed.getLast().scaling().rules().idleCpu()).isEqualTo(IdleCpu.NONE);
        assertThat(catalog.deployed.getLast().resources().billing()).isEqualTo(Billing.REQUEST);
    }

    @Test
    void create_writtenOtherwise_comesBackAsItWasWritten() {
        String written =
                """
                {"template": {"containers": [{"image": "oci:/x",
                  "env": [{"name": "Z", "value": "1"}, {"name": "A", "value": "2"}],
                  "resources": {"limits": {"cpu": "1000m", "memory": "1024Mi"},
                                "cpuIdle": true}}]}}""";
        create("hello", written).statusCode(200);

        assertThat(catalog.deployed.getFirst().resources())
                .isEqualTo(new Resources(new Cpu(1000), DataSize.mebibytes(1024)));
        call().get("/services/hello")
                .then()
                .body(
                        "template.containers[0].resources.limits",
                        equalTo(Map.of("cpu", "1000m", "memory", "1024Mi")))
                .body("template.containers[0].resources.startupCpuBoost", nullValue())
                .body("template.containers[0].env.name", contains("Z", "A"))
                .body("template.annotations", nullValue());
        patch("", written).body("response.generation", equalTo("1"));
    }

    @Test
    void create_twiceOrWithoutId_refused() {
        create("hello", LEAST).statusCode(200);
        error(create("hello", LEAST), 409, "ALREADY_EXISTS", "\"hello\" already");
        error(create("", LEAST), 400, "INVALID_ARGUMENT", "serviceId");
        error(create("A", LEAST), 400, "INVALID_ARGUMENT", "lower-case");
        assertThat(catalog.deployed).hasSize(1);
    }

    @Test
    void create_validateOnly_nothingIsDeployed() {
        call().body(LEAST)
                .post("/services?serviceId=hello&validateOnly=true")
                .then()
                .statusCode(200)
                .body("done", equalTo(true))
                .body("response.name", equalTo(NAME))
                .body("response.uid", nullValue());
        call().body(WHOLE.replace("h2c", "tls"))
                .post("/services?serviceId=hello&validateOnly=true")
                .then()
                .statusCode(400);
        assertThat(catalog.deployed).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"client\": \"t=>\"binaryAuthorization\": {\"useDefault\": true}, \"client\": \"t=>service.binaryAuthorization",
                "\"client\": \"t=>\"defaultUriDisabled\": true, \"client\": \"t=>service.defaultUriDisabled",
                "\"client\": \"t=>\"customAudiences\": [\"a\"], \"client\": \"t=>service.customAudiences",
                "\"client\": \"t=>\"nonsense\": 1, \"client\": \"t=>nonsense",
                "TRAFFIC_ALL\"=>TRAFFIC_INTERNAL_ONLY\"=>service.ingress",
                "\"BETA\"=>\"EARLY_ACCESS\"=>service.launchStage",
                "\"team\": \"a\"=>\"run.googleapis.com/x\": \"a\"=>service.labels[\"run.googleapis.com/x\"]",
                "\"n.org/o\"=>\"autoscaling.knative.dev/x\"=>service.template.annotations[",
                "\"team\": \"a\"=>\"team\": \"0123456789012345678901234567890123456789012345678901234567890123\"=>team",
                "\"timeout\": \"60s\"=>\"timeout\": \"60.5s\"=>service.template.timeout",
                "\"timeout\": \"60s\"=>\"timeout\": \"3601s\"=>1h",
                "\"timeout\": \"60s\"=>\"serviceAccount\": \"x@y\"=>service.template.serviceAccount",
                "\"timeout\": \"60s\"=>\"vpcAccess\": {\"connector\": \"c\"}=>service.template.vpcAccess",
                "\"timeout\": \"60s\"=>\"volumes\": [{\"name\": \"v\"}]=>service.template.volumes",
                "\"timeout\": \"60s\"=>\"nodeSelector\": {\"accelerator\": \"l4\"}=>service.template.nodeSelector",
                "_GEN2=>_GEN1=>service.template.executionEnvironment",
                "\"hello-v1\"=>\"other-v1\"=>service.template.revision",
                "\"name\": \"web\"=>\"workingDir\": \"/\"=>containers[0].workingDir",
                "\"name\": \"web\"=>\"volumeMounts\": [{\"name\": \"v\", \"mountPath\": \"/v\"}]=>containers[0].volumeMounts",
                "\"name\": \"web\"=>\"livenessProbe\": {\"httpGet\": {\"httpHeaders\": [{\"name\": \"a\"}]}}=>livenessProbe.httpGet.httpHeaders",
                "\"name\": \"web\"=>\"startupProbe\": {\"httpGet\": {\"path\": \"x\"}}=>\"x\" does not begin with /",
                "\"name\": \"web\"=>\"startupProbe\": {\"tcpSocket\": {\"port\": 70000}}=>port 70000",
                "\"name\": \"web\"=>\"startupProbe\": {\"tcpSocket\": {}, \"periodSeconds\": 200}=>240s in all",
                "\"image\": \"localhost:8080/hello:v1\",=>=>containers[0].image",
                "{\"name\": \"B\"}=>{\"name\": \"B\", \"valueSource\": {}}=>env[1].valueSource",
                "{\"name\": \"B\"}=>{\"name\": \"A\"}=>env[1].name",
                "{\"name\": \"B\"}=>{\"name\": \"PORT\"}=>PORT",
                "\"h2c\"=>\"tls\"=>ports[0].name",
                "\"memory\": \"1Gi\"=>\"nvidia.com/gpu\": \"1\"=>limits[\"nvidia.com/gpu\"]",
                "\"cpu\": \"2\"=>\"cpu\": \"two\"=>two",
                "\"percent\": 100=>\"percent\": 99=>99 %",
                "_LATEST=>_REVISION=>service.traffic[0].revision",
                "\"percent\": 100,=>\"percent\": 100, \"revision\": \"hello-v1\",=>service.traffic[0].revision",
                "\"minInstanceCount\": 2=>\"scalingMode\": \"MANUAL\"=>service.scaling.manualInstanceCount",
                "\"minInstanceCount\": 2=>\"minInstanceCount\": 6=>a service's instances of 6 to 5",
                "\"maxInstanceRequestConcurrency\": 50=>\"maxInstanceRequestConcurrency\": 1001=>1001",
                "\"template\": {=>\"template\": 1, \"x\": {=>message object"
            })
    void create_whatCannotBeHad_refusedWithItsField(String change) {
        String[] parts = change.split("=>");
        String changed = WHOLE.replaceFirst(java.util.regex.Pattern.quote(parts[0]), parts[1]);
        assertThat(changed).isNotEqualTo(WHOLE);

        error(create("hello", changed), 400, "INVALID_ARGUMENT", parts[2]);
        assertThat(catalog.deployed).isEmpty();
    }

    @Test
    void create_fails_anOperationThatFailedOrARefusedCall() {
        catalog.before =
                CompletableFuture.failedFuture(
                        new HearthException(
                                ErrorKind.FAILED_PRECONDITION,
                                "container-exited",
                                "it exited",
                                List.of("no such file")));
        String name =
                create("hello", LEAST)
                        .statusCode(200)
                        .body("done", equalTo(true))
                        .body("error.code", equalTo(9))
                        .body("error.message", equalTo("it exited\nno such file"))
                        .body("error.details", nullValue())
                        .body("response", nullValue())
                        .extract()
                        .path("name");
        call().basePath("/..").get(name(name)).then().body("error.code", equalTo(9));

        catalog.before =
                CompletableFuture.failedFuture(
                        new HearthException(
                                ErrorKind.UNAVAILABLE, "database-unavailable", "it is away"));
        error(create("hello", LEAST), 503, "UNAVAILABLE", "it is away");
        catalog.before =
                CompletableFuture.failedFuture(
                        new HearthException(ErrorKind.CONFLICT, "deploy-in-progress", "busy"));
        error(create("hello", LEAST), 409, "ABORTED", "busy");
        catalog.before =
                CompletableFuture.failedFuture(
                        new HearthException(ErrorKind.NOT_FOUND, "image-not-found", "no image"));
        create("hello", LEAST).statusCode(200).body("error.code", equalTo(5));
    }

    /** Within this test's location. */
    private String name(String operation) {
        return "http://127.0.0.1:" + port + "/v2/" + operation;
    }

    @Test
    void update_whole_deploysOnlyWhenTheTemplateDiffers() {
        create("hello", WHOLE).statusCode(200);
        patch("", WHOLE).statusCode(200).body("response.generation", equalTo("1"));
        assertThat(catalog.deployed).hasSize(1);

        patch("", WHOLE.replace("says hello", "greets").replace("\"team\": \"a\"", ""))
                .statusCode(200)
                .body("response.description", equalTo("greets"))
                .body("response.labels", nullValue())
                .body("response.generation", equalTo("2"));
        assertThat(catalog.deployed).hasSize(1);

        String other = WHOLE.replace("\"A\", \"value\": \"1\"", "\"A\", \"value\": \"2\"");
        error(patch("", other), 409, "ALREADY_EXISTS", "service.template.revision");
        patch("", other.replace("hello-v1", "hello-v2")).statusCode(200);
        assertThat(catalog.deployed).hasSize(2);
        assertThat(hello().latest().name()).hasToString("hello-v2");
        assertThat(hello().invokers()).isEqualTo(Invokers.TOKEN);
    }

    @Test
    void update_whatIsRead_changesNothing() {
        create("hello", WHOLE).statusCode(200);
        String read = call().get("/services/hello").asString();

        patch("", read).statusCode(200).body("response.generation", equalTo("1"));
        assertThat(call().get("/services/hello").asString()).isEqualTo(read);
        assertThat(catalog.deployed).hasSize(1);
    }

    @Test
    void update_mask_onlyTheseFields() {
        create("hello", WHOLE).statusCode(200);
        String other =
                """
                {"description": "greets", "labels": {"b": "c"},
                 "template": {"timeout": "5s", "containers": [{"image": "oci:/other"}]},
                 "traffic": [{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION",
                              "revision": "hello-v1", "percent": 100}]}""";
        patch("?updateMask=description", other)
                .body("response.description", equalTo("greets"))
                .body("response.labels", equalTo(Map.of("team", "a")));
        patch("?updateMask=labels,traffic", other)
                .body("response.labels", equalTo(Map.of("b", "c")))
                .body("response.traffic[0].revision", equalTo("hello-v1"))
                .body("response.traffic", hasSize(1));
        assertThat(catalog.deployed).hasSize(1);

        patch("?updateMask=template.timeout,template.revision", other)
                .body("response.template.timeout", equalTo("5s"))
                .body("response.template.containers[0].image", equalTo("localhost:8080/hello:v1"));
        assertThat(catalog.deployed).hasSize(2);
        patch("?updateMask=template.containers", other)
                .body("response.template.containers[0].image", equalTo("oci:/other"))
                .body("response.template.containers[0].args", nullValue())
                .body("response.template.timeout", equalTo("5s"));
        patch("?updateMask=template.maxInstanceRequestConcurrency", other)
                .body("response.template.maxInstanceRequestConcurrency", equalTo(80));
        patch("?updateMask=annotations", other).body("response.annotations", nullValue());
        patch("?updateMask=*", LEAST).body("response.description", nullValue());

        error(patch("?updateMask=nonsense", other), 400, "INVALID_ARGUMENT", "\"nonsense\"");
        error(patch("?updateMask=labels,*", other), 400, "INVALID_ARGUMENT", "*");
        error(patch("?updateMask=labels.b", other), 400, "INVALID_ARGUMENT", "labels.b");
    }

    @Test
    void update_etag_onlyWhatWasSeen() {
        String first = create("hello", LEAST).extract().path("response.etag");
        String changed =
                patch(
                                "?updateMask=description",
                                "{\"description\": \"a\", \"etag\": \"" + first + "\"}")
                        .statusCode(200)
                        .extract()
                        .path("response.etag");
        assertThat(changed).isNotEqualTo(first);

        error(
                patch("?updateMask=description", "{\"etag\": \"" + first + "\"}"),
                409,
                "ABORTED",
                "changed by somebody else");
        error(
                call().delete("/services/hello?etag=" + first).then(),
                409,
                "ABORTED",
                "changed by somebody else");
        assertThat(hello().metadata().annotation(Kept.DESCRIPTION)).isEqualTo("a");
        call().delete("/services/hello?etag=" + changed)
                .then()
                .statusCode(200)
                .body("done", equalTo(true))
                .body("response.name", equalTo(NAME))
                .body("response.deleteTime", not(nullValue()));
        error(call().get("/services/hello").then(), 404, "NOT_FOUND", "hello");
    }

    @Test
    void update_missing_createdOnlyWhenAllowed() {
        error(patch("", LEAST), 404, "NOT_FOUND", NAME);
        patch("?allowMissing=true&validateOnly=true", LEAST).statusCode(200);
        assertThat(catalog.deployed).isEmpty();
        patch("?allowMissing=true", LEAST).statusCode(200).body("response.name", equalTo(NAME));
        assertThat(catalog.deployed).hasSize(1);
        error(patch("?allowMissing=yes", LEAST), 400, "INVALID_ARGUMENT", "allowMissing");
    }

    @Test
    void update_validateOnly_checkedAndNotDone() {
        create("hello", LEAST).statusCode(200);
        patch("?validateOnly=true&updateMask=description", "{\"description\": \"x\"}")
                .statusCode(200)
                .body("response.description", equalTo("x"));
        assertThat(hello().metadata().annotation(Kept.DESCRIPTION)).isEmpty();
        error(
                patch("?validateOnly=true", LEAST.replace("image", "workingDir")),
                400,
                "INVALID_ARGUMENT",
                "workingDir");
    }

    @Test
    void update_whatCloudRunHasNoWordFor_staysAsItIs() {
        RequestPolicy policy =
                new RequestPolicy(
                        Duration.ofSeconds(300),
                        false,
                        RateLimit.parse("100/s"),
                        RateLimit.parse("30/m"));
        Scaling scaling =
                new Scaling(0, 0, 100, Duration.ofMinutes(5), ScalingRules.parse("target=5"));
        catalog.deploy(
                new DeployRequest(
                        HELLO,
                        "oci:/x",
                        new ContainerSpec(List.of(), List.of(), Map.of(), 8080),
                        new Resources(new Cpu(250), new Cpu(2000), DataSize.mebibytes(512)),
                        scaling,
                        Egress.parse("none"),
                        policy));

        patch("?updateMask=template.containers", LEAST.replace("oci:/x", "oci:/y")).statusCode(200);

        DeployRequest next = catalog.deployed.getLast();
        assertThat(next.image()).isEqualTo("oci:/y");
        assertThat(next.egress()).isEqualTo(Egress.parse("none"));
        assertThat(next.requests()).isEqualTo(policy);
        assertThat(next.scaling()).isEqualTo(scaling);
        assertThat(next.resources().cpuLimit()).isEqualTo(new Cpu(2000));
    }

    @Test
    void probes_ofAllKinds_areDeployedAndTold() {
        create(
                        "hello",
                        """
                        {"template": {"containers": [{"image": "oci:/x",
                         "startupProbe": {"httpGet": {"path": "/ready"}, "periodSeconds": 5},
                         "livenessProbe": {"grpc": {"port": 9000, "service": "a.B"},
                          "initialDelaySeconds": 7, "timeoutSeconds": 2, "failureThreshold": 4}}]}}""")
                .statusCode(200)
                .body("response.template.containers[0].startupProbe.httpGet.port", equalTo(8080))
                .body("response.template.containers[0].startupProbe.timeoutSeconds", equalTo(1))
                .body("response.template.containers[0].livenessProbe.grpc.service", equalTo("a.B"))
                .body("response.template.containers[0].livenessProbe.periodSeconds", equalTo(10));
        Probes probes = catalog.deployed.getLast().container().probes();
        assertThat(probes)
                .isEqualTo(
                        Probes.parse(
                                "http:/ready,period=5s",
                                "grpc:a.B,port=9000,delay=7s,timeout=2s,failures=4"));

        // what is read and sent back with another image stays what it was
        String read = call().get("/services/hello").then().statusCode(200).extract().asString();
        patch("", read.replace("oci:/x", "oci:/y")).statusCode(200);
        assertThat(catalog.deployed.getLast().image()).isEqualTo("oci:/y");
        assertThat(catalog.deployed.getLast().container().probes()).isEqualTo(probes);
    }

    @Test
    void update_override_isAPatch() {
        create("hello", LEAST).statusCode(200);
        call().header("X-HTTP-Method-Override", "PATCH")
                .body("{\"description\": \"x\"}")
                .post("/services/hello?updateMask=description")
                .then()
                .statusCode(200)
                .body("response.description", equalTo("x"));
    }

    @Test
    void list_pageByPage_newestFirst() {
        for (String name : List.of("a", "b", "c", "d", "e")) {
            create(name, LEAST).statusCode(200);
        }
        List<String> listed = new ArrayList<>();
        String token = "";
        int pages = 0;
        do {
            ValidatableResponse page =
                    call().queryParam("pageSize", 2)
                            .queryParam("pageToken", token)
                            .get("/services")
                            .then()
                            .statusCode(200);
            listed.addAll(page.extract().path("services.name"));
            token = page.extract().path("nextPageToken");
            pages++;
        } while (token != null);

        assertThat(pages).isEqualTo(3);
        assertThat(listed)
                .extracting(n -> n.substring(n.lastIndexOf('/') + 1))
                .containsExactly("e", "d", "c", "b", "a");
        call().get("/services")
                .then()
                .body("services", hasSize(5))
                .body("nextPageToken", nullValue());
        call().get("/services?pageSize=100000").then().body("services", hasSize(5));
        for (String wrong : List.of("pageSize=-1", "pageSize=x", "pageToken=!", "pageToken=YWJj")) {
            error(
                    call().get("/services?" + wrong).then(),
                    400,
                    "INVALID_ARGUMENT",
                    wrong.substring(0, wrong.indexOf('=')));
        }
    }

    @Test
    void revisions_gotListedAndDeleted() {
        create("hello", WHOLE).statusCode(200);
        patch("", WHOLE.replace("hello-v1", "hello-v2")).statusCode(200);
        call().get("/services/hello/revisions?pageSize=1")
                .then()
                .statusCode(200)
                .body("revisions.name", contains(NAME + "/revisions/hello-v2"))
                .body("nextPageToken", not(nullValue()));
        String etag =
                call().get("/services/hello/revisions/hello-v1")
                        .then()
                        .statusCode(200)
                        .body("name", equalTo(NAME + "/revisions/hello-v1"))
                        .body("service", equalTo("hello"))
                        .body("labels", equalTo(Map.of("l", "m")))
                        .body("generation", equalTo("1"))
                        .body("containers[0].image", equalTo("localhost:8080/hello:v1"))
                        .body("conditions[0].state", equalTo("CONDITION_SUCCEEDED"))
                        .extract()
                        .path("etag");

        error(
                call().delete("/services/hello/revisions/hello-v1?etag=x").then(),
                409,
                "ABORTED",
                "hello-v1");
        call().delete("/services/hello/revisions/hello-v1?validateOnly=true")
                .then()
                .statusCode(200);
        call().delete("/services/hello/revisions/hello-v1?etag=" + etag)
                .then()
                .statusCode(200)
                .body("done", equalTo(true))
                .body(
                        "response.'@type'",
                        equalTo("type.googleapis.com/google.cloud.run.v2.Revision"));
        error(
                call().get("/services/hello/revisions/hello-v1").then(),
                404,
                "NOT_FOUND",
                "hello-v1");
        error(
                call().delete("/services/hello/revisions/hello-v2").then(),
                400,
                "FAILED_PRECONDITION",
                "in use");
    }

    @Test
    void policy_allUsers_isPublicAndNobodyElseCanBeNamed() {
        create("hello", LEAST).statusCode(200);
        String etag =
                call().get("/services/hello:getIamPolicy")
                        .then()
                        .statusCode(200)
                        .body("bindings", nullValue())
                        .extract()
                        .path("etag");
        String open =
                "{\"policy\": {\"etag\": \"%s\", \"bindings\": [{\"role\": \"%s\", \"members\": [\"%s\"]}]}}";
        String allUsers = open.formatted(etag, "roles/run.invoker", "allUsers");
        call().body(allUsers)
                .post("/services/hello:setIamPolicy")
                .then()
                .statusCode(200)
                .body("bindings[0].role", equalTo("roles/run.invoker"))
                .body("bindings[0].members", contains("allUsers"));
        assertThat(hello().invokers()).isEqualTo(Invokers.ANYONE);
        assertThat(hello().version().generation()).isEqualTo(1);
        error(
                call().body(allUsers).post("/services/hello:setIamPolicy").then(),
                409,
                "ABORTED",
                "policy");
        for (String wrong :
                List.of(
                        open.formatted("", "roles/run.invoker", "user:a@b.org"),
                        open.formatted("", "roles/run.admin", "allUsers"))) {
            error(
                    call().body(wrong).post("/services/hello:setIamPolicy").then(),
                    400,
                    "INVALID_ARGUMENT",
                    "policy.bindings[0]");
        }
        call().body("{\"policy\": {}}")
                .post("/services/hello:setIamPolicy")
                .then()
                .statusCode(200)
                .body("bindings", nullValue());
        assertThat(hello().invokers()).isEqualTo(Invokers.TOKEN);
        call().body("{\"permissions\": [\"run.services.get\"]}")
                .post("/services/hello:testIamPermissions")
                .then()
                .statusCode(200)
                .body("permissions", contains("run.services.get"));
        error(call().get("/services/no:getIamPolicy").then(), 404, "NOT_FOUND", "\"no\"");
    }

    @Test
    void policy_switchedOff_anyoneUntilItIsOnAgain() {
        create("hello", LEAST.replace("{\"template", "{\"invokerIamDisabled\": true, \"template"))
                .body("response.invokerIamDisabled", equalTo(true));
        assertThat(hello().invokers()).isEqualTo(Invokers.ANYONE);
        error(
                call().body("{\"policy\": {}}").post("/services/hello:setIamPolicy").then(),
                400,
                "FAILED_PRECONDITION",
                "invokerIamDisabled");
        patch("", LEAST).statusCode(200).body("response.invokerIamDisabled", nullValue());
        assertThat(hello().invokers()).isEqualTo(Invokers.TOKEN);
    }

    @Test
    void scaling_manual_asManyAlways() {
        String manual =
                "{\"scaling\": {\"scalingMode\": \"MANUAL\", \"manualInstanceCount\": 3}, \"template";
        create("hello", LEAST.replace("{\"template", manual))
                .body("response.scaling.scalingMode", equalTo("MANUAL"))
                .body("response.scaling.manualInstanceCount", equalTo(3));
        Scaling scaling = hello().route().shares().getFirst().scaling();
        assertThat(scaling.minInstances()).isEqualTo(3);
        assertThat(scaling.maxInstances()).isEqualTo(3);
        patch("", LEAST).body("response.scaling", nullValue());
        assertThat(hello().route().shares().getFirst().scaling().minInstances()).isZero();
    }

    @Test
    void operations_gotListedWaitedForAndDeleted() {
        String name = create("hello", LEAST).extract().path("name");
        call().get(name(name)).then().statusCode(200).body("done", equalTo(true));
        call().body("{\"timeout\": \"1s\"}")
                .post(name(name) + ":wait")
                .then()
                .statusCode(200)
                .body("response.name", equalTo(NAME));
        String newer = create("other", LEAST).extract().path("name");
        call().get("/operations")
                .then()
                .statusCode(200)
                .body("operations.name", contains(newer, name))
                .body("operations.done", everyItem(equalTo(true)));
        call().get("/operations?pageSize=1").then().body("operations.name", contains(newer));
        given().header("Authorization", "Bearer secret")
                .get("http://127.0.0.1:" + port + "/v2/projects/q/locations/l/operations")
                .then()
                .statusCode(200)
                .body("operations", nullValue());
        call().delete(name(name)).then().statusCode(200);
        error(call().get(name(name)).then(), 404, "NOT_FOUND", "no operation");
        error(call().delete(name(name)).then(), 404, "NOT_FOUND", "no operation");
        error(call().post(name(name) + ":wait").then(), 404, "NOT_FOUND", "no operation");
    }

    @Test
    void anyCall_withoutTheTokenOrUnknown_inGooglesWords() {
        String url = "http://127.0.0.1:" + port + BASE + "/services";
        for (String token : List.of("", "Bearer secre", "Bearer secret2", "secret")) {
            error(
                    given().header("Authorization", token).get(url).then(),
                    401,
                    "UNAUTHENTICATED",
                    "admin-token");
        }
        for (String unknown :
                List.of(
                        "/workerPools",
                        "/jobs/a/b",
                        "/services/a/b",
                        "/services/hello:jump",
                        "/")) {
            error(call().get(unknown).then(), 404, "NOT_FOUND", "is not among");
        }
        error(call().put("/services/hello").then(), 404, "NOT_FOUND", "PUT");
        error(create("hello", "{"), 400, "INVALID_ARGUMENT", "the body");
        error(create("hello", ""), 400, "INVALID_ARGUMENT", "the body");
        error(create("hello", "{}"), 400, "INVALID_ARGUMENT", "containers");
        error(create("hello", "x".repeat(2 << 20)), 400, "INVALID_ARGUMENT", "1 MiB");
        error(
                given().header("Authorization", "Bearer secret")
                        .get("http://127.0.0.1:" + port + "/v2/projects/-/locations/-/services")
                        .then(),
                400,
                "INVALID_ARGUMENT",
                "two ids");
    }

    @Test
    void anyCall_byAViewer_readsOnly() {
        create("hello", LEAST).statusCode(200);
        RequestSpecification viewer =
                given().baseUri("http://127.0.0.1:" + port + BASE)
                        .header("Authorization", "Bearer " + tokens.give("reader", Role.VIEWER))
                        .contentType("application/json");
        given(viewer).get("/services/hello").then().statusCode(200);
        error(
                given(viewer).body(LEAST).post("/services?serviceId=other").then(),
                403,
                "PERMISSION_DENIED",
                "deployer");
        error(
                given(viewer)
                        .header("X-HTTP-Method-Override", "PATCH")
                        .body("{}")
                        .post("/services/hello")
                        .then(),
                403,
                "PERMISSION_DENIED",
                "deployer");
        error(given(viewer).delete("/services/hello").then(), 403, "PERMISSION_DENIED", "reader");
        given(viewer)
                .body("{\"permissions\": [\"run.services.get\", \"run.services.delete\"]}")
                .post("/services/hello:testIamPermissions")
                .then()
                .statusCode(200)
                .body("permissions", contains("run.services.get"));
        assertThat(catalog.callers).contains("bootstrap", "reader");
        assertThat(catalog.deployed).hasSize(1);
    }

    @Test
    void secrets_inVariablesAndVolumes_andBack() {
        create(
                        "hello",
                        """
                        {"template": {
                          "containers": [{"image": "oci:/x",
                           "env": [{"name": "A", "value": "1"},
                            {"name": "DB", "valueSource": {"secretKeyRef":
                              {"secret": "projects/p-1/secrets/db", "version": "3"}}}],
                           "volumeMounts": [{"name": "v", "mountPath": "/keys"}]}],
                          "volumes": [{"name": "v", "secret": {"secret": "tls",
                            "items": [{"path": "key", "version": "latest", "mode": 256}]}}]}}""")
                .statusCode(200);
        assertThat(hello().latest().container().secrets().stream().map(Object::toString))
                .containsExactly("/keys/key=tls:latest", "DB=db:3");
        assertThat(hello().latest().container().env()).isEqualTo(Map.of("A", "1"));
        String read =
                call().get("/services/hello")
                        .then()
                        .body("template.containers[0].env[1].name", equalTo("DB"))
                        .body(
                                "template.containers[0].env[1].valueSource.secretKeyRef.secret",
                                equalTo("db"))
                        .body("template.containers[0].volumeMounts[0].mountPath", equalTo("/keys"))
                        .body("template.volumes[0].secret.secret", equalTo("tls"))
                        .body("template.volumes[0].secret.items[0].path", equalTo("key"))
                        .extract()
                        .asString();
        // what was read deploys nothing
        call().body(read).patch("/services/hello").then().statusCode(200);
        assertThat(catalog.deployed).hasSize(1);
        call().get("/services/hello/revisions")
                .then()
                .body("revisions[0].volumes[0].secret.secret", equalTo("tls"));
        for (String wrong :
                List.of(
                        "\"volumes\": [{\"name\": \"v\", \"emptyDir\": {}}],",
                        "\"volumes\": [{\"name\": \"v\", \"cloudSqlInstance\":"
                                + " {\"instances\": [\"x\"]}}],")) {
            error(
                    create("other", LEAST.replace("\"containers\"", wrong + "\"containers\"")),
                    400,
                    "INVALID_ARGUMENT",
                    "volumes");
        }
    }
}
