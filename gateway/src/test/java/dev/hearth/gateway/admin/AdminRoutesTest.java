package dev.hearth.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.AdminApi;
import dev.hearth.contracts.ApiToken;
import dev.hearth.contracts.Billing;
import dev.hearth.contracts.Budget;
import dev.hearth.contracts.BudgetPort;
import dev.hearth.contracts.Caller;
import dev.hearth.contracts.CatalogPort;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Decision;
import dev.hearth.contracts.DemandSample;
import dev.hearth.contracts.DeployRequest;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.DomainMapping;
import dev.hearth.contracts.DomainName;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.GradualRollout;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ImageAdminPort;
import dev.hearth.contracts.InstanceBounds;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.Metadata;
import dev.hearth.contracts.Prices;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.Quota;
import dev.hearth.contracts.QuotaPort;
import dev.hearth.contracts.RegistryBounds;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Role;
import dev.hearth.contracts.RolloutPlan;
import dev.hearth.contracts.ScalingChange;
import dev.hearth.contracts.ScalingPort;
import dev.hearth.contracts.SecretMount;
import dev.hearth.contracts.Service;
import dev.hearth.contracts.ServiceChange;
import dev.hearth.contracts.ServiceCondition;
import dev.hearth.contracts.ServiceName;
import dev.hearth.contracts.ServicePage;
import dev.hearth.contracts.ServiceVersion;
import dev.hearth.contracts.TaskUsagePort;
import dev.hearth.contracts.TrafficChange;
import dev.hearth.contracts.TrafficTarget;
import dev.hearth.contracts.UsagePort;
import dev.hearth.contracts.Warmth;
import dev.hearth.gateway.access.MemoryAudit;
import dev.hearth.gateway.access.MemorySecrets;
import dev.hearth.gateway.access.MemoryTokens;
import dev.hearth.gateway.job.FakeJobs;
import dev.hearth.gateway.job.FakeTasks;
import dev.hearth.gateway.openapi.OpenApiDocument;
import dev.hearth.gateway.pool.QuotaGate;
import dev.hearth.gateway.route.HostNames;
import dev.hearth.gateway.route.Routes;
import dev.hearth.gateway.route.Traffic;
import dev.hearth.gateway.usage.ItemisedBill;
import dev.hearth.testing.FakeRuntime;
import dev.hearth.testing.Revisions;
import io.restassured.path.json.JsonPath;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdminRoutesTest {
    private final Vertx vertx = Vertx.vertx();
    private final FakeCatalog catalog = new FakeCatalog();
    private final FakeRuntime runtime = new FakeRuntime("127.0.0.1", 1).startAtOnce();
    private final FakeImages images = new FakeImages();
    private final MemoryTokens tokens = new MemoryTokens();
    private final MemoryAudit audit = new MemoryAudit();
    private final MemorySecrets secrets = new MemorySecrets();
    private final MemoryQuota quotas = new MemoryQuota();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<UsagePort.Query> asked = new ArrayList<>();
    private final List<TaskUsagePort.Attempt> attempts = new ArrayList<>();
    private static final OpenApiDocument DOCUMENT = OpenApiDocument.read();
    private final Router router = Router.router(vertx);
    private int port;

    private CompletionStage<List<UsagePort.Line>> usage(UsagePort.Query query) {
        asked.add(query);
        return CompletableFuture.completedFuture(
                List.of(line(Billing.REQUEST), line(Billing.INSTANCE)));
    }

    private static UsagePort.Line line(Billing billing) {
        return new UsagePort.Line(
                "hello",
                "",
                Optional.empty(),
                new UsagePort.Used(
                        billing,
                        2_000_000,
                        time(1_000_000, 400_000),
                        billing == Billing.REQUEST ? time(100_000, 200_000) : UsagePort.Time.NONE,
                        1 << 30));
    }

    private static UsagePort.Time time(long vcpuSeconds, long gibSeconds) {
        return new UsagePort.Time(
                BigDecimal.TEN, BigDecimal.valueOf(vcpuSeconds), BigDecimal.valueOf(gibSeconds));
    }

    private static final class FakeBudget implements BudgetPort {
        private Budget budget = Budget.NONE;

        @Override
        public CompletionStage<Map<ProjectName, Budget>> budgets() {
            return CompletableFuture.completedFuture(Map.of(ProjectName.DEFAULT, budget));
        }

        @Override
        public CompletionStage<Void> budget(Caller by, Budget wanted) {
            budget = wanted;
            return CompletableFuture.completedFuture(null);
        }
    }

    /** Decided once, at the end of the year 1999. */
    private static final class FakeScaling implements ScalingPort {
        private static final Instant THEN = Instant.parse("1999-12-31T23:59:59Z");
        private static final RevisionSpec REVISION = Revisions.of("hello", 80, 100);

        @Override
        public Explanation explain(List<RevisionName> revisions, Instant at) {
            if (at.isBefore(THEN)) {
                throw new HearthException(ErrorKind.NOT_FOUND, "nothing-decided", "nothing");
            }
            Decision decision =
                    new Decision(
                            1,
                            revisions.getFirst().value(),
                            THEN.toEpochMilli(),
                            3,
                            1500,
                            50,
                            Warmth.FROZEN,
                            false,
                            "so");
            return new Explanation(decision, sample(), List.of(decision));
        }

        private static DemandSample sample() {
            return new DemandSample(
                    1,
                    REVISION.name().value(),
                    THEN.toEpochMilli(),
                    500,
                    2.5,
                    1,
                    2,
                    1,
                    10,
                    9,
                    3,
                    DemandSample.Bounds.of(REVISION));
        }

        @Override
        public Comparison whatIf(
                List<RevisionName> revisions, ScalingChange change, Instant from, Instant to) {
            Outcome was = new Outcome(1, 2, 3, 4, 5, 1_000_000, 0, 0);
            return new Comparison(7, was, change.equals(ScalingChange.NONE) ? was : was.plus(was));
        }
    }

    /** Has the image of "hello" and another. */
    private static final class FakeImages implements ImageAdminPort {
        private static final Digest HELLO = Revisions.of("hello", 80, 100).digest();
        private static final Digest OTHER = Digest.sha256("12".repeat(32));
        private final List<Set<Digest>> kept = new ArrayList<>();

        @Override
        public ImagesView images() {
            return new ImagesView(
                    List.of(view(HELLO, "localhost:8080/hello:v1"), view(OTHER, "oci:/other")),
                    100,
                    50,
                    1000);
        }

        private static ImageView view(Digest digest, String reference) {
            return new ImageView(digest, List.of(reference), 60, 20, Instant.EPOCH, false);
        }

        @Override
        public Pruned prune(Set<Digest> keep) {
            kept.add(keep);
            return new Pruned(1, 60);
        }

        @Override
        public byte[] billOfMaterials(ProjectName project, String reference) {
            if (reference.isEmpty()) {
                throw HearthException.invalid("invalid-image", "which image?");
            }
            return ("{\"of\":\"" + reference + "\"}").getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public List<PullView> pulls() {
            return List.of(new PullView("registry.example/big:v1", 10, 100, 1, 4));
        }

        @Override
        public void bound(RegistryBounds bounds) {}

        @Override
        public long registryBytes(ProjectName project) {
            return 3L << 20;
        }

        @Override
        public Optional<InetSocketAddress> registry() {
            return Optional.empty();
        }
    }

    private static final class MemoryQuota implements QuotaPort {
        private Quota quota = Quota.NONE;

        @Override
        public CompletionStage<Map<ProjectName, Quota>> quotas() {
            return CompletableFuture.completedFuture(Map.of(ProjectName.DEFAULT, quota));
        }

        @Override
        public CompletionStage<Quota> set(Caller by, Quota wanted) {
            quota = wanted;
            return CompletableFuture.completedFuture(quota);
        }
    }

    /** Knows one service, "hello". */
    private static final class FakeCatalog implements CatalogPort {
        private final List<RevisionName> forgotten = new ArrayList<>();
        private List<TrafficTarget> traffic = TrafficTarget.ALL_TO_LATEST;
        private Optional<GradualRollout> rollout = Optional.empty();
        private final List<DomainMapping> domains = new ArrayList<>();
        private Budget budget = Budget.NONE;

        private final List<DeployRequest> deployed = new ArrayList<>();

        @Override
        public CatalogPort as(Caller caller) {
            return this;
        }

        private Service hello() {
            RevisionSpec revision = Revisions.of("hello", 80, 100);
            return new Service(
                    revision.service(),
                    new ServiceVersion(new UUID(1, 2), 3),
                    Metadata.NONE,
                    revision,
                    Invokers.ANYONE,
                    InstanceBounds.NONE,
                    budget,
                    traffic,
                    rollout,
                    List.of(),
                    List.of(revision),
                    Instant.EPOCH,
                    Instant.EPOCH);
        }

        @Override
        public CompletionStage<Service> traffic(ServiceName name, TrafficChange change) {
            traffic = change.of(traffic);
            return service(name);
        }

        @Override
        public CompletionStage<Service> rollOut(
                ServiceName name, Optional<RevisionName> to, RolloutPlan plan) {
            rollout =
                    Optional.of(
                            GradualRollout.begin(
                                            new UUID(3, 4),
                                            to.orElse(hello().latest().name()),
                                            to.isEmpty(),
                                            List.of(TrafficTarget.parse("hello-old=100")),
                                            plan,
                                            Instant.EPOCH)
                                    .back("it fails", Instant.EPOCH));
            return service(name);
        }

        @Override
        public CompletionStage<Service> move(
                ServiceName name, GradualRollout seen, GradualRollout next) {
            throw new UnsupportedOperationException("no call of the API does it");
        }

        @Override
        public CompletionStage<List<DomainMapping>> domains() {
            return CompletableFuture.completedFuture(domains);
        }

        @Override
        public CompletionStage<DomainMapping> addDomain(DomainName domain, ServiceName service) {
            domains.add(new DomainMapping(domain, service, Instant.EPOCH));
            return CompletableFuture.completedFuture(domains.getLast());
        }

        @Override
        public CompletionStage<Void> removeDomain(DomainName domain) {
            return domains.removeIf(m -> m.domain().equals(domain))
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.failedFuture(
                            new HearthException(
                                    ErrorKind.NOT_FOUND, "domain-not-found", "no " + domain));
        }

        @Override
        public CompletionStage<Service> budget(ServiceName name, Budget wanted) {
            budget = wanted;
            return service(name);
        }

        @Override
        public CompletionStage<Service> rollback(ServiceName name) {
            return CompletableFuture.failedFuture(
                    new HearthException(
                            ErrorKind.FAILED_PRECONDITION, "no-earlier-revision", "none"));
        }

        @Override
        public CompletionStage<Void> delete(ServiceName name, RevisionName revision) {
            forgotten.add(revision);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<Service> deploy(DeployRequest request) {
            deployed.add(request);
            return CompletableFuture.completedFuture(hello());
        }

        @Override
        public CompletionStage<Map<ServiceName, ServiceVersion>> versions() {
            return CompletableFuture.completedFuture(Map.of(hello().name(), hello().version()));
        }

        @Override
        public CompletionStage<List<Service>> services() {
            return CompletableFuture.completedFuture(List.of(hello()));
        }

        @Override
        public CompletionStage<Service> service(ServiceName name) {
            return name.value().equals("hello")
                    ? CompletableFuture.completedFuture(hello())
                    : CompletableFuture.failedFuture(
                            new HearthException(
                                    ErrorKind.NOT_FOUND, "service-not-found", "no " + name));
        }

        @Override
        public CompletionStage<ServicePage> services(Optional<ServicePage.Cursor> after, int most) {
            return services().thenApply(all -> new ServicePage(all, Optional.empty()));
        }

        @Override
        public CompletionStage<Service> change(ServiceName name, ServiceChange change) {
            return service(name);
        }

        @Override
        public CompletionStage<Void> delete(ServiceName name, ServiceCondition condition) {
            return service(name).thenApply(s -> null);
        }
    }

    @BeforeEach
    void listen() throws Exception {
        new AdminRoutes(
                        catalog,
                        new FakeJobs(),
                        new FakeTasks(Clock.system(), ""),
                        runtime,
                        images,
                        new FakeScaling(),
                        new BillSources(
                                this::usage,
                                query -> CompletableFuture.completedFuture(attempts),
                                Prices.LIST,
                                new ItemParts(
                                        ItemisedBill.none(),
                                        Prices.LIST,
                                        ItemParts.Others.NONE,
                                        Runnable::run),
                                new FakeBudget()),
                        new Traffic(
                                new Routes(new HostNames("localhost")), runtime, Clock.system()),
                        new PublicAddress("http", "localhost", 8080),
                        new Keeping(
                                tokens.access(),
                                tokens,
                                audit,
                                secrets,
                                quotas,
                                new QuotaGate(
                                        runtime,
                                        new FakeTasks(Clock.system()),
                                        service -> Optional.empty(),
                                        project -> Quota.NONE,
                                        Clock.system()),
                                tokens.projects,
                                "invoke"),
                        "push-secret",
                        () -> new AdminApi.Status("1", "http://localhost:8080/", Map.of()),
                        () -> stopped.set(true),
                        Runnable::run)
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
    }

    private HttpResponse<String> call(String method, String path, String body, String token)
            throws Exception {
        HttpResponse<String> answer =
                http.send(
                        HttpRequest.newBuilder(
                                        URI.create("http://127.0.0.1:" + port + "/api/v1" + path))
                                .timeout(Duration.ofSeconds(10))
                                .header("Authorization", "Bearer " + token)
                                .method(method, BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.ofString());
        DOCUMENT.holds(
                method,
                answer.request().uri().getPath(),
                answer.statusCode(),
                answer.headers().firstValue("Content-Type").orElse(""),
                answer.body());
        return answer;
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .timeout(Duration.ofSeconds(10))
                        .build(),
                BodyHandlers.ofString());
    }

    /** Google's and Knative's API are documented by them. */
    @Test
    void routes_ofOurOwn_areThoseOfTheDocument() {
        Set<String> calls = new TreeSet<>();
        for (Route route : router.getRoutes()) {
            String path = route.getPath();
            if (route.methods() != null
                    && path != null
                    && Stream.of("/v2/", "/apis/", "/swagger-ui").noneMatch(path::startsWith)) {
                String templated = path.replaceAll(":(\\w+)", "{$1}");
                route.methods().forEach(method -> calls.add(method + " " + templated));
            }
        }

        assertThat(calls).isEqualTo(DOCUMENT.calls()).hasSizeGreaterThan(20);
    }

    @Test
    void openapi_documentAndPage_withoutAToken() throws Exception {
        HttpResponse<String> document = get("/openapi");
        assertThat(document.statusCode()).isEqualTo(200);
        assertThat(document.headers().firstValue("Content-Type")).contains("application/yaml");
        assertThat(document.body()).startsWith("openapi: 3.1.0\n");

        HttpResponse<String> page = get("/swagger-ui/");
        assertThat(page.statusCode()).isEqualTo(200);
        Matcher files = Pattern.compile("(?:src|href)=\"\\.?/?([^\"]+)\"").matcher(page.body());
        List<String> named = files.results().map(found -> found.group(1)).toList();
        assertThat(named).contains("swagger-ui-bundle.js", "swagger-initializer.js");
        for (String file : named) {
            assertThat(get("/swagger-ui/" + file).statusCode()).as(file).isEqualTo(200);
        }
        assertThat(get("/swagger-ui/swagger-initializer.js").body()).contains("\"/openapi\"");
        assertThat(get("/swagger-ui").statusCode()).isEqualTo(302);
        for (String no : List.of("pom.xml", "swagger-ui.js.map", "..%2f..%2fx", "a/index.html")) {
            assertThat(get("/swagger-ui/" + no).statusCode()).as(no).isEqualTo(404);
        }
    }

    private HttpResponse<String> call(String method, String path, String body) throws Exception {
        return call(method, path, body, "secret");
    }

    @Test
    void images_listed_withTheServicesThatUseThem() throws Exception {
        assertThat(call("GET", "/images", "").body())
                .contains("\"layerBytes\":100", "\"budgetBytes\":1000", "\"oci:/other\"")
                .contains("\"services\":[\"hello\"]", "\"services\":[]");
    }

    @Test
    void images_pruned_butThoseOfRevisions() throws Exception {
        assertThat(call("POST", "/images/prune", "").body())
                .isEqualTo("{\"images\":1,\"bytes\":60}\n");
        assertThat(images.kept).containsExactly(Set.of(FakeImages.HELLO));
    }

    @Test
    void sbom_ofAnImage_orWhyNot() throws Exception {
        assertThat(call("GET", "/images/sbom?image=oci%3A%2Fx", "").body())
                .isEqualTo("{\"of\":\"oci:/x\"}");
        assertThat(call("GET", "/images/sbom", "").statusCode()).isEqualTo(400);
    }

    @Test
    void registry_whereAndWithWhat() throws Exception {
        assertThat(call("GET", "/registry", "").body())
                .isEqualTo(
                        "{\"host\":\"localhost:8080\",\"token\":\"push-secret\",\"repositories\":\"\"}\n");
    }

    @Test
    void pulls_listed() throws Exception {
        assertThat(call("GET", "/pulls", "").body())
                .contains("\"bytes\":10,\"totalBytes\":100,\"layers\":1,\"totalLayers\":4");
    }

    @Test
    void anyCall_withoutTheToken_401() throws Exception {
        for (String token : List.of("", "secre", "secret2", "SECRET")) {
            HttpResponse<String> answer = call("GET", "/services", "", token);
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.body()).contains("invalid-token");
        }
        assertThat(call("POST", "/shutdown", "", "x").statusCode()).isEqualTo(401);
        assertThat(stopped).isFalse();
    }

    @Test
    void deploy_defaults_thoseOfTheCommandLine() throws Exception {
        HttpResponse<String> answer =
                call("POST", "/services", "{\"name\":\"hello\",\"image\":\"oci:x\"}");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"url\":\"http://hello.localhost:8080/\"");
        DeployRequest request = catalog.deployed.getFirst();
        assertThat(request.container().port()).isEqualTo(8080);
        assertThat(request.resources().memory()).hasToString("512Mi");
        assertThat(request.scaling().concurrency()).isEqualTo(80);
        assertThat(request.scaling().idle()).isEqualTo(Duration.ofSeconds(60));
        assertThat(request.requests().timeout()).isEqualTo(Duration.ofSeconds(300));
        assertThat(request.egress()).hasToString("internet");
    }

    @Test
    void deploy_brokenBodies_400WithTheReason() throws Exception {
        assertThat(call("POST", "/services", "{").body()).contains("invalid-json");
        assertThat(call("POST", "/services", "").body()).contains("invalid-json");
        assertThat(call("POST", "/services", "null").body()).contains("invalid-json");
        assertThat(call("POST", "/services", "{\"nam\":\"x\"}").body())
                .contains("unknown-field", "nam");
        assertThat(call("POST", "/services", "{\"name\":\"x\"}").body())
                .contains("missing-field", "image");
        assertThat(call("POST", "/services", "{\"name\":\"X\",\"image\":\"y\"}").body())
                .contains("invalid-name");
        String egress = "{\"name\":\"x\",\"image\":\"y\",\"egress\":\"10.1.2.3/8\"}";
        assertThat(call("POST", "/services", egress).statusCode()).isEqualTo(400);
        assertThat(call("POST", "/services", egress).body()).contains("say 10.0.0.0/8");
        assertThat(call("POST", "/services", "x".repeat(2 << 20)).statusCode()).isEqualTo(413);
        assertThat(catalog.deployed).isEmpty();
    }

    @Test
    void unknownServicesAndCalls_404() throws Exception {
        assertThat(call("GET", "/services/none", "").statusCode()).isEqualTo(404);
        assertThat(call("DELETE", "/services/none", "").body()).contains("service-not-found");
        assertThat(call("POST", "/services/none/stop", "").statusCode()).isEqualTo(404);
        assertThat(call("GET", "/nothing", "").body()).contains("no-such-call");
    }

    @Test
    void logsInstancesStatus_answered() throws Exception {
        runtime.log("line");
        assertThat(call("GET", "/services/hello/logs", "").body()).contains("\"text\":\"line\"");
        assertThat(call("GET", "/services/hello/logs?most=x", "").body())
                .contains("invalid-number");
        runtime.start(Revisions.of("hello", 80, 100));
        assertThat(call("GET", "/instances?service=hello", "").body()).contains("hello-00001-abc");
        assertThat(call("GET", "/instances?service=other", "").body().strip()).isEqualTo("[]");
        assertThat(call("GET", "/status", "").body()).contains("\"version\":\"1\"");
    }

    @Test
    void shutdown_acceptedThenDone() throws Exception {
        assertThat(call("POST", "/shutdown", "").statusCode()).isEqualTo(202);
        long deadline = System.currentTimeMillis() + 5000;
        while (!stopped.get() && System.currentTimeMillis() < deadline) {
            Thread.sleep(5);
        }
        assertThat(stopped).isTrue();
    }

    @Test
    void explain_time_saysWhatWasInForce() throws Exception {
        HttpResponse<String> then =
                call("GET", "/services/hello/explain?at=2000-01-01T00:00:00Z", "");
        assertThat(then.statusCode()).isEqualTo(200);
        assertThat(then.body())
                .contains(
                        "\"instances\":3",
                        "\"decidedAt\":\"1999-12-31T23:59:59Z\"",
                        "\"cpu\":\"1500m\"",
                        "\"perSecond\":20.0",
                        "\"why\":\"so\"");
        assertThat(call("GET", "/services/hello/explain", "").statusCode()).isEqualTo(200);
        assertThat(call("GET", "/services/hello/explain?at=1999-01-01T00:00:00Z", "").statusCode())
                .isEqualTo(404);
        assertThat(call("GET", "/services/hello/explain?at=soon", "").statusCode()).isEqualTo(400);
        assertThat(call("GET", "/services/nobody/explain", "").statusCode()).isEqualTo(404);
    }

    @Test
    void whatIf_change_bothAndTheirCost() throws Exception {
        HttpResponse<String> both = call("GET", "/services/hello/what-if?change=idle%3D5s", "");
        assertThat(both.statusCode()).isEqualTo(200);
        // a million vCPU-seconds at 0.000024 dollars
        assertThat(both.body())
                .contains("\"samples\":7", "\"coldStarts\":2", "\"cost\":24.0", "\"cost\":48.0");
        assertThat(call("GET", "/services/hello/what-if?change=x%3D5s", "").statusCode())
                .isEqualTo(400);
        assertThat(
                        call(
                                        "GET",
                                        "/services/hello/what-if?from=2000-01-02T00:00:00Z&to=2000-01-01T00:00:00Z",
                                        "")
                                .statusCode())
                .isEqualTo(400);
    }

    @Test
    void traffic_change_answersWithTheTags() throws Exception {
        HttpResponse<String> tagged =
                call("POST", "/services/hello/traffic", "{\"tag\":{\"next\":\"LATEST\"}}");
        assertThat(tagged.statusCode()).isEqualTo(200);
        assertThat(tagged.body())
                .contains("\"tag\":\"next\"", "\"url\":\"http://next---hello.localhost:8080/\"");
        for (String wrong :
                List.of(
                        "{\"to\":[\"LATEST=50\"]}",
                        "{\"to\":[\"x\"]}",
                        "{\"tag\":{\"A\":\"LATEST\"}}",
                        "{\"from\":[]}",
                        "[]")) {
            assertThat(call("POST", "/services/hello/traffic", wrong).statusCode())
                    .as(wrong)
                    .isEqualTo(400);
        }
        assertThat(call("POST", "/services/hello/rollback", "").body())
                .contains("no-earlier-revision");
        assertThat(call("DELETE", "/services/hello/revisions/hello-1", "").statusCode())
                .isEqualTo(204);
        assertThat(catalog.forgotten).containsExactly(new RevisionName("hello-1"));
    }

    @Test
    void traffic_gradually_answersWithTheRollout() throws Exception {
        HttpResponse<String> begun =
                call(
                        "POST",
                        "/services/hello/traffic",
                        "{\"to\":[\"LATEST\"],\"gradual\":\"10m\",\"steps\":\"20,100\"}");
        assertThat(begun.statusCode()).isEqualTo(200);
        assertThat(begun.body())
                .contains(
                        "\"rollout\":{\"revision\":\"hello-00001-abc\",\"phase\":\"stopped\","
                                + "\"percent\":20,\"steps\":[20,100],\"duration\":\"10m\","
                                + "\"reason\":\"it fails\"");
        for (String wrong :
                List.of(
                        "{\"to\":[\"LATEST\"],\"gradual\":\"soon\"}",
                        "{\"to\":[\"LATEST\"],\"steps\":\"1,100\"}",
                        "{\"gradual\":\"1m\"}",
                        "{\"to\":[\"LATEST\",\"hello-1\"],\"gradual\":\"1m\"}",
                        "{\"to\":[\"LATEST\"],\"untag\":[\"a\"],\"gradual\":\"1m\"}",
                        "{\"to\":[\"LATEST\"],\"gradual\":\"1m\",\"steps\":\"50\"}")) {
            assertThat(call("POST", "/services/hello/traffic", wrong).statusCode())
                    .as(wrong)
                    .isEqualTo(400);
        }
        call("POST", "/services", "{\"name\":\"hello\",\"image\":\"oci:/x\",\"gradual\":\"1h\"}");
        assertThat(catalog.deployed.getLast().rollout().gradual())
                .contains(RolloutPlan.parse("1h", ""));
    }

    @Test
    void domains_addListRemove() throws Exception {
        HttpResponse<String> added = call("POST", "/domains/Shop.Example.com.?service=hello", "");
        assertThat(added.statusCode()).isEqualTo(200);
        assertThat(added.body())
                .contains(
                        "\"domain\":\"shop.example.com\",\"service\":\"hello\","
                                + "\"url\":\"http://shop.example.com:8080/\"");
        assertThat(call("GET", "/domains", "").body()).startsWith("[{\"domain\":\"shop.");
        for (String wrong :
                List.of(
                        "localhost",
                        "shop.localhost",
                        "shop",
                        "10.1.2.3",
                        "a..b",
                        "-a.example.com")) {
            HttpResponse<String> refused = call("POST", "/domains/" + wrong + "?service=hello", "");
            assertThat(refused.statusCode()).as(wrong).isEqualTo(400);
            assertThat(refused.body()).contains("invalid-domain");
        }
        assertThat(call("DELETE", "/domains/shop.example.com", "").statusCode()).isEqualTo(204);
        assertThat(call("DELETE", "/domains/shop.example.com", "").statusCode()).isEqualTo(404);
    }

    @Test
    void usage_costsWhatThePricesSay() throws Exception {
        HttpResponse<String> bill =
                call(
                        "GET",
                        "/usage?service=hello&by=service&from=2026-01-31T12:34:56Z&to=2026-02-01T00:00:00Z",
                        "");
        assertThat(bill.statusCode()).isEqualTo(200);
        // 24 for CPU, 1 for memory, 0.25 and 0.50 for idle ones, 0.80 for requests; 18 and 0.80
        assertThat(bill.body())
                .contains(
                        "\"cost\":26.55",
                        "\"cost\":18.8",
                        "\"cost\":45.35",
                        "\"billing\":\"instance\"",
                        "\"requests\":4000000");
        assertThat(asked)
                .containsExactly(
                        new UsagePort.Query(
                                ProjectName.DEFAULT,
                                Optional.of(new ServiceName("hello")),
                                Instant.parse("2026-01-31T12:00:00Z"),
                                Instant.parse("2026-02-01T00:00:00Z"),
                                UsagePort.By.SERVICE));
        for (String wrong : List.of("by=week", "from=x", "service=A")) {
            assertThat(call("GET", "/usage?" + wrong, "").statusCode()).isEqualTo(400);
        }
    }

    /** Whoever adds a route and forgets the check finds it here. */
    @Test
    void everyRoute_withoutAToken_401() throws Exception {
        int asked = 0;
        for (Route route : router.getRoutes()) {
            if (route.getPath() == null || route.getPath().startsWith("/google.")) {
                continue; // GrpcRoutesTest asks those
            }
            if (Stream.of("/openapi", "/swagger-ui").anyMatch(route.getPath()::startsWith)) {
                continue; // what the API is, not what is deployed
            }
            String path = route.getPath().replaceAll(":[a-z]+", "a").replace("*", "a");
            String method =
                    route.methods() == null ? "GET" : route.methods().iterator().next().name();
            HttpResponse<String> answer =
                    http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                    .timeout(Duration.ofSeconds(10))
                                    .method(method, BodyPublishers.ofString(""))
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(method + " " + path).isEqualTo(401);
            asked++;
        }
        assertThat(asked).isGreaterThan(25);
    }

    private HttpResponse<String> callFor(
            String project, String method, String path, String body, String token)
            throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .timeout(Duration.ofSeconds(10))
                        .header("Authorization", "Bearer " + token)
                        .header(AdminApi.PROJECT, project)
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    /** Whoever adds a route that forgets whose it is finds it here. */
    @Test
    void everyRoute_forAnotherProject_403WhetherThereIsOneOrNot() throws Exception {
        ProjectName acme = tokens.projects.add("acme");
        tokens.projects.add("other");
        String deployer = tokens.give("acme-ci", acme, Role.DEPLOYER);
        int asked = 0;
        for (Route route : router.getRoutes()) {
            if (route.getPath() == null
                    || !route.getPath().startsWith(AdminApi.BASE + "/")
                    || route.methods() == null) {
                continue;
            }
            String path = route.getPath().replaceAll(":[a-z]+", "a").replace("*", "a");
            String method = route.methods().iterator().next().name();
            String first = "";
            for (String project : List.of("default", "other", "nowhere", "NO")) {
                HttpResponse<String> answer = callFor(project, method, path, "", deployer);
                assertThat(answer.statusCode()).as(method + " " + path).isEqualTo(403);
                String said = answer.body().replace("\\\"" + project + "\\\"", "P");
                assertThat(said).contains("project-missing");
                assertThat(first.isEmpty() || first.equals(said)).as(said).isTrue();
                first = said;
            }
            asked++;
        }
        assertThat(asked).isGreaterThan(40);
        assertThat(audit.told()).isEmpty();
        assertThat(catalog.deployed).isEmpty();
    }

    @Test
    void admin_namesTheProject_whichHasToBeThere() throws Exception {
        ProjectName acme = tokens.projects.add("acme");
        String deploy = "{\"name\":\"web\",\"image\":\"oci:/x\"}";
        assertThat(callFor("acme", "POST", "/api/v1/services", deploy, "secret").statusCode())
                .isEqualTo(200);
        assertThat(catalog.deployed.getLast().service().value()).isEqualTo("web.acme");
        HttpResponse<String> unknown =
                callFor("nowhere", "POST", "/api/v1/services", deploy, "secret");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body()).contains("project-not-found");

        String own = tokens.give("ci", acme, Role.DEPLOYER);
        String sent = deploy.replace("oci:/x", "localhost:8080/acme/web:v1");
        assertThat(call("POST", "/services", sent, own).statusCode()).isEqualTo(200);
        assertThat(catalog.deployed.getLast().service().value()).isEqualTo("web.acme");
        assertThat(call("POST", "/services", deploy, own).body()).contains("image-not-allowed");
        for (String others : List.of("web:v1", "other/web:v1", "acme-2/web:v1", "acme:v1")) {
            String theirs = deploy.replace("oci:/x", "localhost:8080/" + others);
            assertThat(call("POST", "/services", theirs, own).statusCode()).isEqualTo(403);
        }
        for (String name : List.of("web.other", "web.default", "web.acme", ".other")) {
            String named = sent.replace("\"web\"", "\"" + name + "\"");
            assertThat(call("POST", "/services", named, own).statusCode()).isEqualTo(400);
            assertThat(call("GET", "/services/" + name, "", own).statusCode()).isEqualTo(400);
            assertThat(call("GET", "/services/" + name, "").statusCode()).isEqualTo(400);
        }
        assertThat(catalog.deployed).hasSize(2);
    }

    @Test
    void projects_areAnAdmins() throws Exception {
        assertThat(call("POST", "/projects/acme", "").statusCode()).isEqualTo(200);
        assertThat(call("GET", "/projects", "").body()).contains("\"acme\"", "\"default\"");
        String deployer = tokens.give("ci", new ProjectName("acme"), Role.DEPLOYER);
        assertThat(call("GET", "/projects", "", deployer).statusCode()).isEqualTo(403);
        assertThat(call("POST", "/projects/more", "", deployer).statusCode()).isEqualTo(403);
        assertThat(call("POST", "/projects/NO", "").statusCode()).isEqualTo(400);
        String invoker = call("GET", "/invoker-token", "", deployer).body();
        assertThat(invoker).contains("\"acme.").doesNotContain("\"invoke\"");
        assertThat(call("GET", "/invoker-token", "").body()).contains("\"invoke\"");
        assertThat(call("GET", "/registry", "", deployer).body())
                .contains("\"acme.", "\"repositories\":\"acme/\"")
                .doesNotContain("push-secret");
        assertThat(call("DELETE", "/projects/acme", "").statusCode()).isEqualTo(204);
    }

    @Test
    void images_ofWhoeverIsNotAlone_areTheirOwn() throws Exception {
        String viewer = tokens.give("reader", Role.VIEWER);
        assertThat(call("GET", "/pulls", "", viewer).body()).contains("big");
        assertThat(call("GET", "/images", "", viewer).body()).contains("oci:/other");

        tokens.projects.add("acme");
        assertThat(call("GET", "/pulls", "", viewer).body()).isEqualTo("[]\n");
        assertThat(call("GET", "/images", "", viewer).body())
                .contains("\"hello\"")
                .doesNotContain("oci:/other");
        assertThat(call("GET", "/images/sbom?image=oci%3A%2Fother", "", viewer).statusCode())
                .isEqualTo(404);
        assertThat(call("GET", "/pulls", "").body()).contains("big");
    }

    @Test
    void viewer_readsAndChangesNothing() throws Exception {
        String viewer = tokens.give("reader", Role.VIEWER);
        assertThat(call("GET", "/services/hello", "", viewer).statusCode()).isEqualTo(200);
        assertThat(call("GET", "/instances", "", viewer).statusCode()).isEqualTo(200);
        HttpResponse<String> refused =
                call("POST", "/services", "{\"name\":\"a\",\"image\":\"b\"}", viewer);
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("role-missing", "deployer", "\\\"reader\\\"", "viewer");
        assertThat(call("GET", "/registry", "", viewer).statusCode()).isEqualTo(403);
        assertThat(call("POST", "/services/hello/stop", "", viewer).statusCode()).isEqualTo(403);
        assertThat(catalog.deployed).isEmpty();
        assertThat(audit.told()).isEmpty();
    }

    @Test
    void deployer_deploysAndGivesOutNoTokens() throws Exception {
        String deployer = tokens.give("ci", Role.DEPLOYER);
        assertThat(
                        call(
                                        "POST",
                                        "/services",
                                        "{\"name\":\"a\",\"image\":\"b\",\"env\":{\"LONG\":\""
                                                + "x".repeat(100_000) // comes in several pieces
                                                + "\"}}",
                                        deployer)
                                .statusCode())
                .isEqualTo(200);
        assertThat(catalog.deployed).hasSize(1);
        assertThat(call("POST", "/services/hello/stop", "", deployer).statusCode()).isEqualTo(204);
        assertThat(audit.told()).containsExactly("ci stop service hello");
        for (String path : List.of("/tokens", "/audit")) {
            assertThat(call("GET", path, "", deployer).statusCode()).isEqualTo(403);
        }
        assertThat(call("POST", "/shutdown", "", deployer).statusCode()).isEqualTo(403);
        assertThat(stopped).isFalse();
    }

    @Test
    void token_createdUsedAndRevoked_inOneLife() throws Exception {
        HttpResponse<String> created =
                call(
                        "POST",
                        "/tokens",
                        "{\"name\":\"ops\",\"role\":\"admin\",\"expires\":\"24h\"}");
        assertThat(created.statusCode()).isEqualTo(200);
        String text = created.body().replaceAll("(?s).*\"token\":\"([^\"]+)\".*", "$1");
        assertThat(text).startsWith("hearth_").hasSize(50);
        HttpResponse<String> list = call("GET", "/tokens", "", text);
        assertThat(list.body()).contains("\"ops\"", "\"admin\"", "\"expired\":false");
        assertThat(list.body()).doesNotContain(text);
        assertThat(
                        call("POST", "/tokens", "{\"name\":\"ops\",\"role\":\"viewer\"}", text)
                                .statusCode())
                .isEqualTo(409);
        assertThat(call("DELETE", "/tokens/ops", "", text).statusCode()).isEqualTo(204);
        assertThat(call("GET", "/tokens", "", text).statusCode()).isEqualTo(401);
        assertThat(call("DELETE", "/tokens/ops", "").statusCode()).isEqualTo(404);
    }

    @Test
    void token_wrongOnes_400() throws Exception {
        for (String wrong :
                List.of(
                        "{\"name\":\"A\",\"role\":\"viewer\"}",
                        "{\"name\":\"bootstrap\",\"role\":\"viewer\"}",
                        "{\"name\":\"a\",\"role\":\"king\"}",
                        "{\"name\":\"a\"}",
                        "{\"role\":\"viewer\"}",
                        "{\"name\":\"a\",\"role\":\"viewer\",\"expires\":\"0s\"}",
                        "{\"name\":\"a\",\"role\":\"viewer\",\"expires\":\"soon\"}",
                        "{\"name\":\"a\",\"role\":\"viewer\",\"project\":\"OTHER\"}",
                        "{\"name\":\"a\",\"role\":\"viewer\",\"digest\":\"x\"}")) {
            assertThat(call("POST", "/tokens", wrong).statusCode()).as(wrong).isEqualTo(400);
        }
    }

    @Test
    void token_expired_401() throws Exception {
        String text = tokens.give("old", Role.ADMIN, Optional.of(Instant.EPOCH.plusSeconds(1)));
        HttpResponse<String> answer = call("GET", "/services", "", text);
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.body()).contains("token-expired", "\\\"old\\\"");
    }

    @Test
    void token_databaseAway_503ButForTheBootstrapOne() throws Exception {
        String text = tokens.give("ci", Role.ADMIN);
        tokens.failWith(new HearthException(ErrorKind.UNAVAILABLE, "database-unavailable", "away"));
        assertThat(call("GET", "/services", "", text).statusCode()).isEqualTo(503);
        assertThat(call("GET", "/services", "").statusCode()).isEqualTo(200);
    }

    @Test
    void guesses_tooMany_noLongerLookedUp() throws Exception {
        int refused = 0;
        for (int i = 0; i < 2_000 && refused == 0; i++) {
            String guess = ApiToken.text(new SecureRandom());
            refused += call("GET", "/services", "", guess).statusCode() == 429 ? 1 : 0;
        }
        assertThat(refused).isEqualTo(1);
        assertThat(call("GET", "/services", "").statusCode()).isEqualTo(200);
        int before = tokens.finds;
        call("GET", "/services", "", "not-even-one");
        assertThat(tokens.finds).isEqualTo(before);
    }

    @Test
    void audit_inPages() throws Exception {
        for (int i = 0; i < 3; i++) {
            call("POST", "/services/hello/stop", "");
        }
        HttpResponse<String> first = call("GET", "/audit?most=2", "");
        assertThat(first.body())
                .contains("\"id\":3", "\"id\":2", "\"next\":2", "\"after\":{\"a\":1}")
                .contains("\"who\":\"bootstrap\"");
        assertThat(call("GET", "/audit?most=2&before=2", "").body())
                .contains("\"id\":1", "\"next\":null")
                .doesNotContain("\"id\":2");
        assertThat(call("GET", "/audit?who=nobody", "").body()).contains("\"entries\":[]");
        for (String wrong : List.of("most=0", "most=1001", "most=x", "before=-1")) {
            assertThat(call("GET", "/audit?" + wrong, "").statusCode()).isEqualTo(400);
        }
    }

    @Test
    void budget_ofTheProject_isShownAndSet() throws Exception {
        assertThat(call("GET", "/budget", "").body()).contains("\"budget\":\"none\"");
        assertThat(call("POST", "/budget?of=25,stop", "").body())
                .contains("\"budget\":\"25,stop\"");
        assertThat(call("GET", "/budget", "").body()).contains("\"budget\":\"25,stop\"");
        assertThat(call("POST", "/budget?of=free", "").statusCode()).isEqualTo(400);
    }

    @Test
    void usageItems_whatIsNotItemised_isToldOfTheBill() throws Exception {
        String body = call("GET", "/usage/items?service=hello", "").body();
        assertThat(body)
                .contains(
                        "\"items\":[]",
                        "\"leftOut\":null",
                        "\"notItemised\":{\"kind\":\"sum\"",
                        "\"billedNanos\":20000000000,",
                        "\"cost\":45.35");
        for (String wrong : List.of("", "service=hello&most=10001", "service=hello&most=x")) {
            assertThat(call("GET", "/usage/items?" + wrong, "").statusCode()).isEqualTo(400);
        }
    }

    @Test
    void usageItems_ofAJob_areItsAttempts_andAddUp() throws Exception {
        UsagePort.Time time = UsagePort.Time.of(60_000_000_000L, 500, 512L << 20);
        for (int number = 0; number < 3; number++) {
            attempts.add(
                    new TaskUsagePort.Attempt(
                            "nightly-abcde",
                            7,
                            number,
                            Instant.EPOCH.plusSeconds(number * 61L),
                            1_234,
                            number < 2 ? Optional.of(3) : Optional.empty(),
                            new UsagePort.Used(Billing.INSTANCE, 0, time, UsagePort.Time.NONE, 0)));
        }
        String body = call("GET", "/usage/items?service=job--nightly&most=2", "").body();
        JsonPath items = JsonPath.from(body);
        assertThat(items.getList("items.kind")).containsExactly("task", "task");
        assertThat(items.getList("items.instance"))
                .containsExactly("nightly-abcde-7-0", "nightly-abcde-7-1");
        assertThat(items.getList("items.status")).containsExactly(3, 3);
        assertThat(items.getLong("leftOut.billedNanos")).isEqualTo(60_000_000_000L);
        // 60 s of half a CPU and half a GiB at the instances' prices
        assertThat(body).contains("\"cost\":0.0006}");
        assertThat(items.getLong("bill.billedNanos") - items.getLong("notItemised.billedNanos"))
                .isEqualTo(180_000_000_000L);
    }

    @Test
    void secret_writtenAndNeverRead() throws Exception {
        String deployer = tokens.give("ci", Role.DEPLOYER);
        HttpResponse<String> made = call("POST", "/secrets?name=db", "hunter2", deployer);
        assertThat(made.body())
                .isEqualTo(
                        "{\"name\":\"db\",\"version\":1,\"state\":\"enabled\",\"keyId\":\"k\","
                                + "\"createdAt\":\"1970-01-01T00:00:00Z\"}\n");
        assertThat(secrets.value("db")).isEqualTo("hunter2");
        assertThat(call("POST", "/secrets/db/versions", "hunter3", deployer).statusCode())
                .isEqualTo(200);
        assertThat(secrets.value("db")).isEqualTo("hunter3");
        String viewer = tokens.give("reader", Role.VIEWER);
        for (String path : List.of("/secrets", "/secrets/db/versions")) {
            assertThat(call("GET", path, "", viewer).body())
                    .contains("\"db\"")
                    .doesNotContain("hunter");
        }
        assertThat(call("POST", "/secrets?name=x", "y", viewer).statusCode()).isEqualTo(403);
        assertThat(call("POST", "/secrets/db/versions/2/disable", "", deployer).body())
                .contains("\"state\":\"disabled\"");
        call("POST", "/secrets/db/versions/2/enable", "", deployer);
        call("POST", "/secrets/db/versions/1/destroy", "", deployer);
        call("DELETE", "/secrets/db", "", deployer);
        assertThat(secrets.calls)
                .containsExactly(
                        "ci disabled db 2", "ci enabled db 2", "ci destroyed db 1", "ci delete db");
        assertThat(call("POST", "/reseal-secrets", "", deployer).statusCode()).isEqualTo(403);
        assertThat(call("POST", "/reseal-secrets", "").body()).isEqualTo("{\"versions\":3}\n");
    }

    @Test
    void secret_wrongOnes_refused() throws Exception {
        assertThat(call("POST", "/secrets?name=a%2Fb", "x").statusCode()).isEqualTo(400);
        assertThat(call("POST", "/secrets", "x").statusCode()).isEqualTo(400);
        assertThat(call("POST", "/secrets/db/versions/latest/destroy", "").statusCode())
                .isEqualTo(400);
        assertThat(call("POST", "/secrets/db/versions/x/destroy", "").statusCode()).isEqualTo(400);
        HttpResponse<String> large = call("POST", "/secrets?name=a", "x".repeat(100_000));
        assertThat(large.statusCode()).isEqualTo(413);
        assertThat(large.body()).contains("64 KiB");
    }

    @Test
    void deploy_withSecrets_asTheyAreWritten() throws Exception {
        String body =
                "{\"name\":\"hello\",\"image\":\"x\",\"secrets\":[\"A=db\",\"/keys/k=tls:2\"]}";
        assertThat(call("POST", "/services", body).statusCode()).isEqualTo(200);
        assertThat(catalog.deployed.getFirst().container().secrets())
                .containsExactly(
                        SecretMount.parse("/keys/k=tls:2"), SecretMount.parse("A=db:latest"));
        assertThat(call("POST", "/services", body.replace("A=db", "A")).statusCode())
                .isEqualTo(400);
        assertThat(call("GET", "/services/hello", "").body()).contains("\"secrets\":[]");
    }

    @Test
    void quota_setByAnAdmin_theRestStays() throws Exception {
        assertThat(call("GET", "/quota", "").body())
                .isEqualTo(
                        "{\"services\":\"none\",\"instances\":\"none\",\"cpu\":\"none\","
                                + "\"memory\":\"none\",\"storage\":\"none\",\"used\":"
                                + "{\"services\":\"1\",\"instances\":\"0\",\"cpu\":\"0\","
                                + "\"memory\":\"0\",\"storage\":\"3Mi\"}}\n");
        call("POST", "/quota", "{\"services\":\"5\",\"cpu\":\"2.5\"}");
        call(
                "POST",
                "/quota",
                "{\"instances\":\"7\",\"memory\":\"1Gi\",\"cpu\":\"none\","
                        + "\"storage\":\"10Gi\",\"used\":null}");
        assertThat(quotas.quota).isEqualTo(new Quota(5, 7, 0, 1L << 30, 10L << 30));
        String deployer = tokens.give("ci", Role.DEPLOYER);
        assertThat(call("GET", "/quota", "", deployer).statusCode()).isEqualTo(200);
        assertThat(call("POST", "/quota", "{}", deployer).statusCode()).isEqualTo(403);
        for (String wrong : List.of("0", "-1", "x", "1.5", "9999999999")) {
            assertThat(call("POST", "/quota", "{\"services\":\"" + wrong + "\"}").statusCode())
                    .as(wrong)
                    .isEqualTo(400);
        }
    }
}
