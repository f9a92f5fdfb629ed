package dev.hearth.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Caller;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.Role;
import dev.hearth.gateway.access.MemoryAudit;
import dev.hearth.gateway.access.MemoryTokens;
import dev.hearth.gateway.access.ProjectSecret;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RegistryPassTest {
    private final Vertx vertx = Vertx.vertx();
    private final MemoryTokens tokens = new MemoryTokens();
    private final MemoryAudit audit = new MemoryAudit();
    private final RegistryPass pass = new RegistryPass(tokens.access(), audit, "push-secret");
    private final BlockingQueue<HttpServerRequest> seen = new LinkedBlockingQueue<>();
    private HttpClient client;
    private int port;

    @BeforeEach
    void listen() throws Exception {
        client = vertx.createHttpClient();
        port =
                vertx.createHttpServer()
                        .requestHandler(
                                request -> {
                                    seen.add(request);
                                    request.response().end();
                                })
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(20, TimeUnit.SECONDS)
                        .actualPort();
    }

    @AfterEach
    void close() {
        vertx.close();
    }

    private Optional<String> shown(HttpMethod method, String path, String authorization)
            throws Exception {
        return passed(method, path, authorization).authorization();
    }

    private RegistryPass.Pass passed(HttpMethod method, String path, String authorization)
            throws Exception {
        RequestOptions options =
                new RequestOptions()
                        .setHost("127.0.0.1")
                        .setPort(port)
                        .setMethod(method)
                        .setURI(path);
        if (!authorization.isEmpty()) {
            options.putHeader("Authorization", authorization);
        }
        client.request(options)
                .compose(request -> request.send())
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
        return pass.pass(seen.take()).toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static String basic(String password) {
        return "Basic "
                + Base64.getEncoder()
                        .encodeToString(("any:" + password).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void deployer_pushesAndPulls_byEitherScheme() throws Exception {
        String token = tokens.give("ci", Role.DEPLOYER);
        String put = "/v2/team/app/manifests/v1";
        assertThat(shown(HttpMethod.PUT, put, basic(token))).contains("Bearer push-secret");
        assertThat(shown(HttpMethod.GET, put, "Bearer " + token)).contains("Bearer push-secret");
        assertThat(shown(HttpMethod.POST, "/v2/_load?name=other", basic(token)))
                .contains("Bearer push-secret");
        assertThat(shown(HttpMethod.POST, "/v2/team/app/blobs/uploads/", basic(token)))
                .contains("Bearer push-secret");
        assertThat(shown(HttpMethod.DELETE, put, basic(token))).isPresent();
        assertThat(audit.told())
                .containsExactly(
                        "ci push image team/app:v1",
                        "ci push image other",
                        "ci delete image team/app:v1");
    }

    @Test
    void viewer_pullsOnly() throws Exception {
        String token = tokens.give("reader", Role.VIEWER);
        assertThat(shown(HttpMethod.GET, "/v2/app/manifests/v1", basic(token))).isPresent();
        assertThat(shown(HttpMethod.HEAD, "/v2/app/blobs/x", basic(token))).isPresent();
        assertThatThrownBy(() -> shown(HttpMethod.PUT, "/v2/app/manifests/v1", basic(token)))
                .cause()
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.kind()).isEqualTo(ErrorKind.FORBIDDEN));
        assertThat(audit.told()).isEmpty();
    }

    @Test
    void others_areLeftToTheRegistry() throws Exception {
        String revoked = tokens.give("old", Role.ADMIN);
        tokens.revoke(Caller.BOOTSTRAP, "old").toCompletableFuture().get(20, TimeUnit.SECONDS);
        for (String wrong : new String[] {"", "Basic ?", basic("x"), basic(revoked), "Digest x"}) {
            assertThat(shown(HttpMethod.PUT, "/v2/app/manifests/v1", wrong)).as(wrong).isEmpty();
        }
        assertThat(audit.told()).isEmpty();
    }

    private void isDenied(HttpMethod method, String path, String password) {
        assertThatThrownBy(() -> shown(method, path, basic(password)))
                .as(path)
                .cause()
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.reason()).isEqualTo("project-missing"));
    }

    @Test
    void project_hasItsOwnRepositoriesOnly() throws Exception {
        ProjectName acme = tokens.projects.add("acme");
        tokens.projects.add("other");
        String shared = ProjectSecret.of("push-secret", acme);
        for (String token : List.of(tokens.give("ci", acme, Role.DEPLOYER), shared)) {
            assertThat(shown(HttpMethod.GET, "/v2/", basic(token))).contains("Bearer push-secret");
            for (String own :
                    List.of(
                            "/v2/acme/web/manifests/v1",
                            "/v2/acme/web/blobs/uploads/",
                            "/v2/acme/a/b/tags/list",
                            "/v2/_load?name=acme/web")) {
                assertThat(shown(HttpMethod.POST, own, basic(token)))
                        .as(own)
                        .contains("Bearer push-secret");
            }
            for (String others :
                    List.of(
                            "/v2/web/manifests/v1",
                            "/v2/acme/manifests/v1",
                            "/v2/acme-2/web/manifests/v1",
                            "/v2/other/web/blobs/x",
                            "/v2/other%2Fweb/manifests/v1",
                            "/v2/other/web/manifests/acme/web",
                            "/v2/_catalog",
                            "/v2/_load?name=web",
                            "/v2/_load?x=1;name=acme/web&name=other/web",
                            "/v2/_load?na%6De=acme/web&name=other/web",
                            "/v2/_load",
                            "/v2/nothing")) {
                isDenied(HttpMethod.POST, others, token);
            }
        }
        for (String token : List.of(tokens.give("old", Role.DEPLOYER), "push-secret")) {
            assertThat(shown(HttpMethod.PUT, "/v2/team/web/manifests/v1", basic(token)))
                    .isEqualTo(
                            token.equals("push-secret")
                                    ? Optional.empty()
                                    : Optional.of("Bearer push-secret"));
            isDenied(HttpMethod.GET, "/v2/acme/web/manifests/v1", token);
            isDenied(HttpMethod.GET, "/v2/_catalog", token);
        }
        String forged = shared.substring(0, shared.length() - 1) + "_";
        assertThat(shown(HttpMethod.PUT, "/v2/acme/web/manifests/v1", basic(forged))).isEmpty();
    }

    /** It is pushed instead, as if nobody had it. */
    @Test
    void mount_ofWhatMayNotBeRead_isNone() throws Exception {
        String token = tokens.give("ci", tokens.projects.add("acme"), Role.DEPLOYER);
        String uploads = "/v2/acme/web/blobs/uploads/";
        String own = uploads + "?mount=sha256:a&from=acme/other";
        assertThat(passed(HttpMethod.POST, own, basic(token)).uri()).isEqualTo(own);
        for (String from :
                List.of("from=web", "x=1;from=acme/a&from=web", "from=acme-2/web&from=acme/a")) {
            assertThat(
                            passed(
                                            HttpMethod.POST,
                                            uploads + "?mount=sha256:a&" + from,
                                            basic(token))
                                    .uri())
                    .as(from)
                    .isEqualTo(uploads);
        }
    }

    @Test
    void registrysOwnToken_goesOn_andIsTold() throws Exception {
        assertThat(shown(HttpMethod.PUT, "/v2/app/manifests/v1", basic("push-secret"))).isEmpty();
        assertThat(audit.told()).containsExactly("registry push image app:v1");
    }

    @Test
    void databaseAway_saysSo() throws Exception {
        String token = tokens.give("ci", Role.DEPLOYER);
        tokens.failWith(new HearthException(ErrorKind.UNAVAILABLE, "database-unavailable", "away"));
        assertThatThrownBy(() -> shown(HttpMethod.GET, "/v2/", basic(token)))
                .cause()
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
    }
}
