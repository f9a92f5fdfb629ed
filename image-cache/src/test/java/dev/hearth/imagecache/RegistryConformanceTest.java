package dev.hearth.imagecache;

import static dev.hearth.imagecache.fixture.DistributionClient.OCI_INDEX;
import static dev.hearth.imagecache.fixture.DistributionClient.OCI_MANIFEST;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.fixture.DistributionClient;
import dev.hearth.imagecache.fixture.DistributionClient.Answer;
import dev.hearth.imagecache.fixture.Layer;
import dev.hearth.imagecache.fixture.Layout;
import dev.hearth.imagecache.fixture.PushedImages;
import dev.hearth.imagecache.fixture.Tar;
import dev.hearth.imagecache.serve.EmbeddedRegistry;
import dev.hearth.imagecache.source.Digests;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The embedded registry against the OCI distribution specification 1.1, category by category: pull,
 * content discovery, content management; pushes are in {@link BlobPushTest}.
 */
class RegistryConformanceTest {
    private static final String TOKEN = "the-token";
    private static final String NOWHERE = "sha256:" + "0".repeat(64);

    @TempDir Path temp;
    private ImageCache cache;
    private DistributionClient client;

    @BeforeEach
    void setUp() {
        cache =
                ImageCache.open(
                        CacheOptions.in(temp.resolve("data"))
                                .with(
                                        new EmbeddedRegistry.Settings(
                                                List.of("localhost:8080"), TOKEN, 1 << 20)),
                        Clock.system());
        client = client("Bearer " + TOKEN);
    }

    @AfterEach
    void tearDown() {
        client.close();
        cache.close();
    }

    private DistributionClient client(String authorization) {
        return new DistributionClient(cache.registry().orElseThrow(), authorization);
    }

    private static String basic(String userAndPassword) {
        return "Basic "
                + Base64.getEncoder()
                        .encodeToString(userAndPassword.getBytes(StandardCharsets.UTF_8));
    }

    private Digest artifact(String repository, String tag) {
        return PushedImages.artifact(client, repository, tag, "text/x-" + tag, "");
    }

    private static void assertRefused(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.code()).isEqualTo(code);
    }

    // --- who may use it

    @Test
    void base_withTheToken_200AsBasicAndBearer() {
        for (String header : List.of("Bearer " + TOKEN, "bearer " + TOKEN, basic("any:" + TOKEN))) {
            try (DistributionClient one = client(header)) {
                Answer answer = one.call("GET", "/v2/");
                assertThat(answer.status()).as(header).isEqualTo(200);
                assertThat(answer.header("Docker-Distribution-API-Version"))
                        .isEqualTo("registry/2.0");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "Bearer wrong", "Bearer", "Basic !!!", "Digest the-token", "the-token"})
    void anyCall_withoutTheToken_401WithChallenge(String header) {
        List<String> wrong = new ArrayList<>(List.of(header));
        if (header.isEmpty()) {
            wrong.add(basic("any:wrong"));
            wrong.add(basic(TOKEN));
            wrong.add(basic(TOKEN + ":"));
        }
        artifact("team/app", "v1");
        for (String one : wrong) {
            try (DistributionClient stranger = client(one)) {
                for (String path :
                        List.of("/v2/", "/v2/_catalog", "/v2/team/app/manifests/v1", "/v2/_load")) {
                    Answer answer = stranger.call("GET", path);
                    boolean isTokenAsUserName = one.equals(basic(TOKEN));
                    if (!isTokenAsUserName) { // without a colon all of it is the password
                        assertRefused(answer, 401, "UNAUTHORIZED");
                        assertThat(answer.header("WWW-Authenticate")).startsWith("Basic realm=");
                    }
                }
            }
        }
    }

    // --- pull

    @Test
    void manifest_byTagAndDigest_sameBytesWithTypeDigestAndLength() {
        Digest digest = artifact("team/app", "v1");
        for (String name : List.of("v1", digest.value(), digest.value().replace(":", "%3A"))) {
            String path = "/v2/team/app/manifests/" + name;
            Answer got = client.call("GET", path);
            Answer head = client.call("HEAD", path);

            assertThat(got.status()).isEqualTo(200);
            assertThat(Digests.of(got.body())).isEqualTo(digest);
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.body()).isEmpty();
            for (Answer answer : List.of(got, head)) {
                assertThat(answer.header("Content-Type")).isEqualTo(OCI_MANIFEST);
                assertThat(answer.header("Docker-Content-Digest")).isEqualTo(digest.value());
                assertThat(answer.header("Content-Length"))
                        .isEqualTo(Integer.toString(got.body().length));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "team/app/manifests/none, 404, MANIFEST_UNKNOWN",
        "team/app/manifests/NOWHERE, 404, MANIFEST_UNKNOWN",
        "team/none/manifests/v1, 404, NAME_UNKNOWN",
        "team/none/tags/list, 404, NAME_UNKNOWN",
        "team/app/blobs/NOWHERE, 404, BLOB_UNKNOWN",
        "team/none/blobs/NOWHERE, 404, BLOB_UNKNOWN",
        "team/app/blobs/sha256:123, 400, DIGEST_INVALID",
        "team/app/manifests/sha256:123, 400, DIGEST_INVALID",
        "team/app/manifests/-x, 400, MANIFEST_INVALID",
        "Team/app/manifests/v1, 400, NAME_INVALID",
        "team/../app/tags/list, 400, NAME_INVALID",
        "team/_tags/tags/list, 400, NAME_INVALID",
        "team/app/blobs/uploads/none, 404, BLOB_UPLOAD_UNKNOWN",
        "team/app/tags/list?n=many, 400, UNSUPPORTED",
        "team/app/unheard-of, 404, UNSUPPORTED",
    })
    void get_whatIsNotThere_theCodeOfTheSpecification(String path, int status, String code) {
        artifact("team/app", "v1");
        String at = "/v2/" + path.replace("NOWHERE", NOWHERE);
        assertRefused(client.call("GET", at), status, code);
        Answer head = client.call("HEAD", at);
        if (!path.contains("list") && !path.contains("uploads")) {
            assertThat(head.status()).isEqualTo(status);
            assertThat(head.body()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-3, 206, 0123, bytes 0-3/10",
        "bytes=4-, 206, 456789, bytes 4-9/10",
        "bytes=-2, 206, 89, bytes 8-9/10",
        "bytes=-20, 206, 0123456789, bytes 0-9/10",
        "bytes=8-20, 206, 89, bytes 8-9/10",
        "bytes=9-9, 206, 9, bytes 9-9/10",
        "bytes=10-, 416, '', bytes */10",
        "bytes=-0, 416, '', bytes */10",
        "bytes=-, 200, 0123456789, ''",
        "bytes=5-2, 200, 0123456789, ''",
        "lines=0-3, 200, 0123456789, ''",
    })
    void blob_range_thatPart(String range, int status, String body, String contentRange) {
        Digest digest = client.blob("team/app", "0123456789");
        String path = "/v2/team/app/blobs/" + digest;
        Answer answer = client.call("GET", path, "Range", range);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.text()).isEqualTo(body);
        assertThat(answer.headers().firstValue("Content-Range").orElse("")).isEqualTo(contentRange);

        Answer head = client.call("HEAD", path);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("Content-Length")).isEqualTo("10");
        assertThat(head.header("Docker-Content-Digest")).isEqualTo(digest.value());
    }

    @Test
    void blob_empty_200WithNoBytes() {
        Digest digest = client.blob("team/app", "");
        Answer answer = client.call("GET", "/v2/team/app/blobs/" + digest);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
        assertThat(client.call("HEAD", "/v2/team/app/blobs/" + digest).header("Content-Length"))
                .isEqualTo("0");
    }

    // --- content discovery

    @Test
    void tags_paged_everyTagOnceInOrder() {
        for (String tag : List.of("v10", "v1", "latest", "A", "v2")) {
            artifact("team/app", tag);
        }
        Answer all = client.call("GET", "/v2/team/app/tags/list");
        assertThat(all.json().get("name").asText()).isEqualTo("team/app");
        assertThat(texts(all.json().get("tags"))).containsExactly("A", "latest", "v1", "v10", "v2");
        assertThat(all.headers().firstValue("Link")).isEmpty();

        assertThat(pages("/v2/team/app/tags/list?n=2", "tags"))
                .containsExactly(List.of("A", "latest"), List.of("v1", "v10"), List.of("v2"));
        assertThat(pages("/v2/team/app/tags/list?n=3&last=A", "tags"))
                .containsExactly(List.of("latest", "v1", "v10"), List.of("v2"));
        assertThat(pages("/v2/team/app/tags/list?last=aa", "tags")) // between two
                .containsExactly(List.of("latest", "v1", "v10", "v2"));
        assertThat(pages("/v2/team/app/tags/list?n=0", "tags")).containsExactly(List.of());
        assertThat(pages("/v2/team/app/tags/list?n=5&last=v2", "tags")).containsExactly(List.of());
    }

    @Test
    void catalog_paged_everyRepositoryOnce() {
        assertThat(pages("/v2/_catalog", "repositories")).containsExactly(List.of());
        for (String name : List.of("b", "a/b", "a", "a/b/c")) {
            artifact(name, "v1");
        }
        assertThat(pages("/v2/_catalog", "repositories"))
                .containsExactly(List.of("a", "a/b", "a/b/c", "b"));
        assertThat(pages("/v2/_catalog?n=3", "repositories"))
                .containsExactly(List.of("a", "a/b", "a/b/c"), List.of("b"));
    }

    /** Follows Link headers to the end. */
    private List<List<String>> pages(String path, String key) {
        List<List<String>> pages = new ArrayList<>();
        String next = path;
        while (!next.isEmpty()) {
            Answer answer = client.call("GET", next);
            assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
            pages.add(texts(answer.json().get(key)));
            String link = answer.headers().firstValue("Link").orElse("");
            Matcher m = Pattern.compile("<(/v2/[^>]+)>; rel=\"next\"").matcher(link);
            next = m.matches() ? m.group(1) : "";
            assertThat(next.isEmpty()).isEqualTo(link.isEmpty());
        }
        return pages;
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(one -> texts.add(one.asText()));
        return texts;
    }

    @Test
    void referrers_pushedBeforeAndAfterTheirSubject_listedAndFiltered() {
        Layer layer = Layer.gzip(new Tar().file("f", "x"));
        Digest subject = PushedImages.image(client, "other", "v1", layer); // digest known before
        long size = client.call("GET", "/v2/other/manifests/v1").body().length;
        String descriptor = Layout.descriptor(OCI_MANIFEST, subject, size);
        assertThat(referrers("", subject)).isEmpty();

        Digest before = PushedImages.artifact(client, "app", "", "text/a", descriptor);
        assertThat(digests(referrers("", subject))).containsExactly(before.value());
        PushedImages.image(client, "app", "v1", layer);
        Digest after = PushedImages.artifact(client, "app", "tagged", "text/b", descriptor);

        assertThat(digests(referrers("", subject)))
                .containsExactlyInAnyOrder(before.value(), after.value());
        JsonNode one = referrers("?artifactType=text/b", subject).get(0);
        assertThat(one.get("digest").asText()).isEqualTo(after.value());
        assertThat(one.get("mediaType").asText()).isEqualTo(OCI_MANIFEST);
        assertThat(one.get("artifactType").asText()).isEqualTo("text/b");
        assertThat(one.get("annotations").get("made").asText()).isEqualTo("today");
        assertThat(one.get("size").asLong())
                .isEqualTo(client.call("GET", "/v2/app/manifests/tagged").body().length);
        assertThat(
                        client.call("GET", "/v2/app/referrers/" + subject + "?artifactType=text/b")
                                .header("OCI-Filters-Applied"))
                .isEqualTo("artifactType");
        assertThat(referrers("?artifactType=text/none", subject)).isEmpty();
        assertThat(digests(referrers("", before))).isEmpty();

        client.call("DELETE", "/v2/app/manifests/" + before);
        assertThat(digests(referrers("", subject))).containsExactly(after.value());
        assertRefused(client.call("GET", "/v2/app/referrers/sha256:1"), 400, "DIGEST_INVALID");
    }

    @Test
    void referrers_kinds_artifactTypeAsTheSpecificationSays() {
        Digest subject = artifact("app", "v1");
        long size = client.call("GET", "/v2/app/manifests/v1").body().length;
        String more = ",\"subject\":" + Layout.descriptor(OCI_MANIFEST, subject, size);
        String config = PushedImages.blob(client, "app", "application/x-config", "{}");
        Digest plain =
                client.manifest(
                        "app",
                        "",
                        OCI_MANIFEST,
                        PushedImages.manifest(OCI_MANIFEST, config, "", more));
        Digest emptyType =
                client.manifest(
                        "app",
                        "",
                        OCI_MANIFEST,
                        PushedImages.manifest(
                                OCI_MANIFEST, config, "", ",\"artifactType\":\"\"" + more));
        String index = PushedImages.index();
        Digest withoutType =
                client.manifest(
                        "app", "", OCI_INDEX, index.substring(0, index.length() - 1) + more + "}");
        Digest withType =
                client.manifest(
                        "app",
                        "",
                        OCI_INDEX,
                        index.substring(0, index.length() - 1)
                                + ",\"artifactType\":\"text/index\""
                                + more
                                + "}");

        for (JsonNode one : referrers("", subject)) {
            JsonNode type = one.get("artifactType");
            String digest = one.get("digest").asText();
            if (digest.equals(withoutType.value())) {
                assertThat(type).isNull(); // "MUST be omitted"
                assertThat(one.get("mediaType").asText()).isEqualTo(OCI_INDEX);
            } else if (digest.equals(withType.value())) {
                assertThat(type.asText()).isEqualTo("text/index");
            } else {
                assertThat(digest).isIn(plain.value(), emptyType.value());
                assertThat(type.asText()).isEqualTo("application/x-config");
            }
        }
        assertThat(digests(referrers("", subject))).hasSize(4);
        assertThat(digests(referrers("?artifactType=application/x-config", subject)))
                .containsExactlyInAnyOrder(plain.value(), emptyType.value());
    }

    private JsonNode referrers(String query, Digest subject) {
        Answer answer = client.call("GET", "/v2/app/referrers/" + subject + query);
        assertThat(answer.status()).isEqualTo(200); // never 404: it is how clients learn of the API
        assertThat(answer.header("Content-Type")).isEqualTo(OCI_INDEX);
        assertThat(answer.json().get("schemaVersion").asInt()).isEqualTo(2);
        return answer.json().get("manifests");
    }

    private static List<String> digests(JsonNode descriptors) {
        List<String> digests = new ArrayList<>();
        descriptors.forEach(one -> digests.add(one.get("digest").asText()));
        return digests;
    }

    // --- content management

    @Test
    void delete_tag_itsManifestStays() {
        Digest digest = artifact("app", "v1");
        assertThat(client.call("DELETE", "/v2/app/manifests/v1").status()).isEqualTo(202);
        assertThat(client.call("GET", "/v2/app/manifests/v1").status()).isEqualTo(404);
        assertThat(client.call("GET", "/v2/app/manifests/" + digest).status()).isEqualTo(200);
        assertRefused(client.call("DELETE", "/v2/app/manifests/v1"), 404, "MANIFEST_UNKNOWN");
    }

    @Test
    void delete_manifest_itsTagsGoToo() {
        Digest digest = artifact("app", "v1");
        String text = client.call("GET", "/v2/app/manifests/v1").text();
        client.manifest("app", "v2", OCI_MANIFEST, text);
        artifact("app", "other");

        assertThat(client.call("DELETE", "/v2/app/manifests/" + digest).status()).isEqualTo(202);

        assertThat(pages("/v2/app/tags/list", "tags")).containsExactly(List.of("other"));
        assertThat(client.call("GET", "/v2/app/manifests/" + digest).status()).isEqualTo(404);
        assertRefused(
                client.call("DELETE", "/v2/app/manifests/" + digest), 404, "MANIFEST_UNKNOWN");
    }

    @Test
    void delete_blob_onlyFromThatRepository() {
        Digest blob = client.blob("app", "shared");
        client.blob("other", "shared");
        assertThat(client.call("DELETE", "/v2/app/blobs/" + blob).status()).isEqualTo(202);
        assertThat(client.call("HEAD", "/v2/app/blobs/" + blob).status()).isEqualTo(404);
        assertThat(client.call("GET", "/v2/other/blobs/" + blob).text()).isEqualTo("shared");
        assertRefused(client.call("DELETE", "/v2/app/blobs/" + blob), 404, "BLOB_UNKNOWN");
    }
}
