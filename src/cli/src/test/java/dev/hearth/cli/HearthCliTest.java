package dev.hearth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands against a server that answers what the test tells it to. */
class HearthCliTest {
    private static final String SERVICE =
            """
            {"name":"hello","url":"http://hello.localhost:8080/","revision":"hello-00001-abc","latest":"hello-00001-abc","invokers":"anyone","budget":"none",
             "instances":1,"traffic":[{"revision":"hello-00001-abc","latest":true,"percent":100}],
             "createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-01T00:00:00Z","revisions":[
             {"name":"hello-00001-abc","image":"oci:/x","digest":"sha256:0","command":[],"args":[],
              "env":{"A":"b"},"port":8080,"cpu":"1","memory":"512Mi","concurrency":80,"min":0,"max":100,
              "idle":"60s","timeout":"5m","sessionAffinity":false,
              "rateLimit":"none","clientRateLimit":"none","cpuLimit":"1","scaling":"default",
              "createdAt":"2026-01-01T00:00:00Z"}]}""";

    @TempDir Path data;
    private HttpServer server;
    private final ExecutorService serving = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, String> answers = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch pullsSeen = new CountDownLatch(2);
    private volatile boolean deployIsSlow;

    private record Result(int code, String out, String err) {}

    @BeforeEach
    void start() throws IOException {
        Files.writeString(data.resolve("admin-token"), "secret\n");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    String call =
                            exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
                    String body =
                            new String(
                                    exchange.getRequestBody().readAllBytes(),
                                    StandardCharsets.UTF_8);
                    requests.add(call + " " + body);
                    if (call.endsWith("/pulls")) {
                        pullsSeen.countDown();
                    } else if (deployIsSlow && call.equals("POST /api/v1/services")) {
                        await(pullsSeen);
                    }
                    boolean authorised =
                            "Bearer secret"
                                    .equals(exchange.getRequestHeaders().getFirst("Authorization"));
                    String answer = authorised ? answers.getOrDefault(call, "404 {}") : "401 {}";
                    int status = Integer.parseInt(answer.substring(0, 3));
                    byte[] bytes = answer.substring(4).getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
                    exchange.getResponseBody().write(bytes);
                    exchange.close();
                });
        server.setExecutor(serving);
        server.start();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void stop() {
        server.stop(0);
        serving.close();
    }

    private Result hearth(String... words) {
        List<String> line = new ArrayList<>(List.of(words));
        line.addAll(
                List.of(
                        "--data",
                        data.toString(),
                        "--admin-port",
                        Integer.toString(server.getAddress().getPort())));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code =
                HearthCli.run(
                        new PrintWriter(out, true),
                        new PrintWriter(err, true),
                        line.toArray(String[]::new));
        return new Result(code, out.toString(), err.toString());
    }

    @Test
    void deploy_progress_saysHowFarThePullHasCome_onStderr() {
        answers.put("POST /api/v1/services", "200 " + SERVICE);
        answers.put(
                "GET /api/v1/pulls",
                "200 [{\"reference\":\"r.example/big:v1\",\"bytes\":12300000,\"totalBytes\":340000000,"
                        + "\"layers\":2,\"totalLayers\":7}]");
        deployIsSlow = true;

        Result result = hearth("deploy", "hello", "--image", "r.example/big:v1", "--progress");

        assertThat(result.code()).isZero();
        assertThat(result.err())
                .isEqualTo("pulling r.example/big:v1: 12.3 MB of 340.0 MB, 2 of 7 layers\n");
        assertThat(result.out()).endsWith("http://hello.localhost:8080/\n");
    }

    @Test
    void deploy_imageAndSource_oneOfThem() {
        assertThat(hearth("deploy", "hello").code()).isEqualTo(2);
        assertThat(hearth("deploy", "hello", "--image", "r.example/x", "--source", ".").err())
                .contains("either --image REF or --source DIR");
        assertThat(requests).isEmpty();
    }

    @Test
    void images_asATable() {
        answers.put(
                "GET /api/v1/images",
                "200 {\"images\":[{\"digest\":\"sha256:"
                        + "ab".repeat(32)
                        + "\",\"references\":[\"localhost:8080/app:v1\"],\"bytes\":1500000,"
                        + "\"sharedBytes\":500,\"lastUsed\":\"2026-01-01T00:00:00Z\",\"running\":true,"
                        + "\"services\":[\"a\",\"b\"]}],\"layerBytes\":2000000000,"
                        + "\"registryBytes\":0,\"budgetBytes\":5000000000}");

        assertThat(hearth("images").out().lines())
                .containsExactly(
                        "IMAGE                  DIGEST        SIZE    SHARED  LAST USED  SERVICES",
                        "localhost:8080/app:v1  abababababab  1.5 MB  0.5 kB  running    a,b",
                        "layers 2.00 GB, pushed 0.0 kB, budget 5.00 GB");
    }

    @Test
    void deploy_works_urlIsTheLastLine() {
        answers.put("POST /api/v1/services", "200 " + SERVICE);
        Result result =
                hearth(
                        "deploy",
                        "hello",
                        "--image",
                        "oci:some/dir:v1",
                        "--env",
                        "A=b=c",
                        "--idle",
                        "5s");
        assertThat(result.code()).isZero();
        assertThat(result.out().strip()).endsWith("http://hello.localhost:8080/");
        assertThat(requests.getFirst())
                .contains("\"A\":\"b=c\"")
                .contains("\"idle\":\"5s\"")
                .contains("oci:" + Path.of("").toAbsolutePath()); // made absolute
    }

    @Test
    void deploy_slip_isFoundBeforeAnythingIsSent() {
        Result result = hearth("deploy", "Hello", "--image", "oci:x");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).startsWith("hearth: service name \"Hello\" is not valid");
        assertThat(requests).isEmpty();
    }

    @Test
    void deploy_refused_sentenceThenEvidence() {
        answers.put(
                "POST /api/v1/services",
                "422 {\"error\":{\"kind\":\"FAILED_PRECONDITION\",\"reason\":\"container-exited\","
                        + "\"message\":\"it exited\",\"details\":[\"boom\"]}}");
        Result result = hearth("deploy", "hello", "--image", "oci:x");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).isEqualTo("hearth: it exited\n    boom\n");
        assertThat(result.out()).isEmpty();
    }

    @Test
    void services_tableAndJson() {
        answers.put("GET /api/v1/services", "200 [" + SERVICE + "]");
        assertThat(hearth("services").out())
                .startsWith("NAME   URL                           REVISION")
                .contains("hello  http://hello.localhost:8080/  hello-00001-abc  1");
        assertThat(hearth("services", "--json").out()).contains("\"name\" : \"hello\"");
    }

    @Test
    void describe_everythingOfTheRevision() {
        answers.put("GET /api/v1/services/hello", "200 " + SERVICE);
        assertThat(hearth("describe", "hello").out())
                .contains("hello-00001-abc (serving)")
                .contains("A=b")
                .contains("1 cpu, 512Mi memory");
    }

    @Test
    void logs_linesWithTheirInstance() {
        answers.put(
                "GET /api/v1/services/hello/logs",
                "200 {\"lines\":[{\"instance\":\"i-aaaaaaaaaaaa\",\"text\":\"hi\"}],\"cursor\":\"v1\"}");
        assertThat(hearth("logs", "hello").out()).isEqualTo("i-aaaaaaaaaaaa  hi\n");
    }

    @Test
    void instances_ofOneService() {
        answers.put("GET /api/v1/instances", "200 []");
        assertThat(hearth("instances", "hello").out()).startsWith("INSTANCE");
    }

    @Test
    void deleteAndStop_callTheApi() {
        answers.put("DELETE /api/v1/services/hello", "204 ");
        answers.put("POST /api/v1/services/hello/stop", "204 ");
        assertThat(hearth("delete", "hello").code()).isZero();
        assertThat(hearth("stop", "hello").code()).isZero();
        assertThat(requests).hasSize(2);
    }

    @Test
    void anyCommand_noPlatform_oneSentence() {
        server.stop(0);
        Result result = hearth("services");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .contains("no platform answers")
                .contains("hearth up")
                .hasLineCount(1);
    }

    @Test
    void anyCommand_somethingElseOnThePort_saysSo() {
        answers.put("GET /api/v1/services", "500 <html>");
        assertThat(hearth("services").err()).contains("not as Hearth's admin API does");
    }

    @Test
    void unknownOption_exitCode2() {
        assertThat(hearth("services", "--nosuch").code()).isEqualTo(2);
        assertThat(hearth("nosuch").code()).isEqualTo(2);
    }

    @Test
    void secrets_valueFromAFile_neverAnArgument() throws Exception {
        answers.put(
                "POST /api/v1/secrets",
                "200 {\"name\":\"db\",\"version\":1,\"state\":\"enabled\",\"keyId\":\"k\","
                        + "\"createdAt\":\"2026-01-01T00:00:00Z\"}");
        Path file = Files.writeString(data.resolve("value"), "hunter2\n");

        Result made = hearth("secrets", "create", "db", "--file", file.toString());
        assertThat(made.out()).isEqualTo("secret db, version 1\n");
        assertThat(requests).containsExactly("POST /api/v1/secrets hunter2\n");
        assertThat(hearth("secrets", "create", "db", "hunter2").code()).isEqualTo(2);
        assertThat(hearth("secrets", "create", "db", "--file", data + "/none").code()).isEqualTo(2);
        assertThat(hearth("secrets").code()).isEqualTo(2);
        assertThat(requests).hasSize(1);
    }

    @Test
    void tokens_createdTokenIsTheLastLine() {
        answers.put(
                "POST /api/v1/tokens",
                "200 {\"about\":{\"name\":\"ci\",\"project\":\"default\",\"role\":\"deployer\","
                        + "\"createdAt\":\"2026-01-01T00:00:00Z\",\"expiresAt\":null,"
                        + "\"expired\":false},\"token\":\"hearth_x\"}");
        assertThat(hearth("tokens", "create", "ci", "--role", "deployer").out())
                .isEqualTo("hearth_x\n");
        assertThat(hearth("tokens", "create", "ci", "--role", "king").code()).isEqualTo(2);
        assertThat(requests).hasSize(1);
    }

    @Test
    void audit_aLineAnEntry() {
        answers.put(
                "GET /api/v1/audit",
                "200 {\"entries\":[{\"id\":7,\"at\":\"2026-01-01T00:00:00Z\","
                        + "\"project\":\"default\",\"who\":\"ci\",\"action\":\"change\","
                        + "\"kind\":\"service\",\"name\":\"hello\",\"before\":{},\"after\":{}}],"
                        + "\"next\":7}");
        Result audit = hearth("audit", "--who", "ci");
        assertThat(audit.out())
                .contains("7      2026-01-01T00:00:00Z  default  ci   change  service hello");
        assertThat(audit.err()).contains("--before 7");
    }
}
