package dev.hearth.imagecache;

import static dev.hearth.imagecache.fixture.DistributionClient.OCI_MANIFEST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.fixture.DistributionClient;
import dev.hearth.imagecache.fixture.DistributionClient.Answer;
import dev.hearth.imagecache.fixture.Layout;
import dev.hearth.imagecache.fixture.PushedImages;
import dev.hearth.imagecache.serve.EmbeddedRegistry;
import dev.hearth.imagecache.source.Digests;
import dev.hearth.testing.Eventually;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pushes of blobs and manifests in all the ways of the OCI distribution specification 1.1. */
class BlobPushTest {
    private static final String TOKEN = "the-token";
    private static final int MOST = 4 << 20;

    @TempDir Path temp;
    private ImageCache cache;
    private DistributionClient client;
    private final byte[] content = "0123456789".getBytes(StandardCharsets.UTF_8);
    private final Digest digest = Digests.of(content);

    @BeforeEach
    void setUp() {
        cache =
                ImageCache.open(
                        CacheOptions.in(temp.resolve("data"))
                                .with(
                                        new EmbeddedRegistry.Settings(
                                                List.of("localhost:8080"), TOKEN, MOST)),
                        Clock.system());
        client = new DistributionClient(cache.registry().orElseThrow(), "Bearer " + TOKEN);
    }

    @AfterEach
    void tearDown() {
        client.close();
        cache.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void assertPushed(Answer answer) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
        assertThat(answer.header("Docker-Content-Digest")).isEqualTo(digest.value());
        assertThat(client.call("GET", answer.header("Location")).body()).isEqualTo(content);
        assertThat(client.call("GET", "/v2/app/blobs/" + digest).body()).isEqualTo(content);
    }

    private static void assertRefused(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        assertThat(answer.code()).isEqualTo(code);
    }

    private static void assertProgress(Answer answer, int status, String location, String range) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        assertThat(answer.header("Location")).isEqualTo(location);
        assertThat(answer.header("Range")).isEqualTo(range);
        assertThat(location).endsWith(answer.header("Docker-Upload-UUID"));
    }

    @Test
    void push_postThenPut_201() {
        String at = client.upload("app");
        assertPushed(client.call("PUT", at + "?digest=" + digest, content));
        assertRefused(client.call("GET", at), 404, "BLOB_UPLOAD_UNKNOWN");
    }

    @Test
    void push_singlePost_201() {
        assertPushed(
                client.call(
                        "POST",
                        "/v2/app/blobs/uploads/?digest=" + digest,
                        content,
                        "Content-Type",
                        "application/octet-stream"));
    }

    @Test
    void push_streamedWithoutRanges_201() {
        String at = client.upload("app");
        assertProgress(client.call("PATCH", at, bytes("0123")), 202, at, "0-3");
        assertProgress(client.call("PATCH", at, bytes("456789")), 202, at, "0-9");
        assertPushed(client.call("PUT", at + "?digest=" + digest));
    }

    @Test
    void push_chunks_lastOneWithThePut() {
        String at = client.upload("app");
        assertProgress(
                client.call("PATCH", at, bytes("0123"), "Content-Range", "0-3"), 202, at, "0-3");
        assertProgress(
                client.call("PATCH", at, bytes("456"), "Content-Range", "4-6"), 202, at, "0-6");
        assertPushed(
                client.call("PUT", at + "?digest=" + digest, bytes("789"), "Content-Range", "7-9"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"5-9", "0-3", "3-6", "some", "4"})
    void push_chunkOutOfOrder_416AndTheUploadGoesOn(String range) {
        String at = client.upload("app");
        client.call("PATCH", at, bytes("0123"), "Content-Range", "0-3");

        Answer refused = client.call("PATCH", at, bytes("56789"), "Content-Range", range);

        assertProgress(refused, 416, at, "0-3");
        assertThat(refused.code()).isEqualTo("BLOB_UPLOAD_INVALID");
        assertProgress(client.call("GET", at), 204, at, "0-3");
        assertRefused(
                client.call("PUT", at + "?digest=" + digest, bytes("x"), "Content-Range", range),
                416,
                "BLOB_UPLOAD_INVALID");
        client.call("PATCH", at, bytes("456789"), "Content-Range", "4-9");
        assertPushed(client.call("PUT", at + "?digest=" + digest));
    }

    @Test
    void push_chunkNotAsLongAsItsRange_refusedAndNothingAdded() {
        String at = client.upload("app");
        assertRefused(
                client.call("PATCH", at, bytes("0123"), "Content-Range", "0-9"),
                400,
                "SIZE_INVALID");
        assertProgress(client.call("GET", at), 204, at, "0-0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PATCH", "PUT"})
    void push_connectionBreaks_goesOnFromWhatCame(String method) throws Exception {
        String at = client.upload("app");
        String path = method.equals("PUT") ? at + "?digest=" + digest : at;
        breakOff(method, path, content.length, "0123");
        Eventually.until(() -> client.call("GET", at).header("Range").equals("0-3"));

        assertProgress(client.call("GET", at), 204, at, "0-3");
        Eventually.until( // until the registry knows that the first one is gone
                () ->
                        client.call("PATCH", at, bytes("456789"), "Content-Range", "4-9").status()
                                == 202);
        assertPushed(client.call("PUT", at + "?digest=" + digest));
    }

    /** Says how much it will send, sends less, and is gone. */
    private void breakOff(String method, String path, int said, String sent) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", cache.registry().orElseThrow().getPort())) {
            socket.getOutputStream()
                    .write(
                            bytes(
                                    method
                                            + " "
                                            + path
                                            + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                                            + TOKEN
                                            + "\r\nContent-Length: "
                                            + said
                                            + "\r\n\r\n"
                                            + sent));
        }
    }

    @Test
    void push_manifestBreaksOff_tagIsNotMoved() throws Exception {
        Digest whole = PushedImages.artifact(client, "app", "v1", "text/a", "");
        String cut = PushedImages.manifest(OCI_MANIFEST, "{}", "", "");
        breakOff("PUT", "/v2/app/manifests/v1", cut.length() + 1, cut);
        assertThat(client.call("GET", "/v2/app/manifests/v1").header("Docker-Content-Digest"))
                .isEqualTo(whole.value());
    }

    @Test
    void cancel_upload_goneAndItsBytesToo() {
        String at = client.upload("app");
        client.call("PATCH", at, content);
        assertThat(client.call("DELETE", at).status()).isEqualTo(204);
        for (String method : List.of("GET", "DELETE", "PATCH")) {
            assertRefused(client.call(method, at), 404, "BLOB_UPLOAD_UNKNOWN");
        }
        assertThat(temp.resolve("data/registry/uploads")).isEmptyDirectory();
    }

    @Test
    void upload_ofAnotherRepository_unknown() {
        String at = client.upload("app");
        assertRefused(
                client.call("GET", at.replace("/app/", "/other/")), 404, "BLOB_UPLOAD_UNKNOWN");
    }

    @Test
    void push_wrongOrMissingDigest_400() {
        Digest other = Digests.of(bytes("other"));
        assertRefused(
                client.call("PUT", client.upload("app") + "?digest=" + other, content),
                400,
                "DIGEST_INVALID");
        assertRefused(
                client.call("POST", "/v2/app/blobs/uploads/?digest=" + other, content),
                400,
                "DIGEST_INVALID");
        String at = client.upload("app");
        assertRefused(client.call("PUT", at, content), 400, "DIGEST_INVALID");
        assertRefused(client.call("PUT", at + "?digest=md5:1", content), 400, "DIGEST_INVALID");
        assertThat(client.call("HEAD", "/v2/app/blobs/" + other).status()).isEqualTo(404);
        assertThat(client.call("HEAD", "/v2/app/blobs/" + digest).status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PATCH", "PUT", "POST"})
    void push_moreBytesThanAllowed_413IsReadThoughTheClientWasStillSending(String method) {
        byte[] large = new byte[2 * MOST];
        String query = "?digest=" + Digests.of(large);
        String at =
                method.equals("POST")
                        ? "/v2/app/blobs/uploads/" + query
                        : client.upload("app") + query;
        assertRefused(client.call(method, at, large), 413, "SIZE_INVALID");
        assertThat(client.call("GET", "/v2/").status()).isEqualTo(200);
    }

    @Test
    void mount_fromRepositoryThatHasIt_201() {
        client.blob("from", content);
        assertPushed(client.call("POST", "/v2/app/blobs/uploads/?mount=" + digest + "&from=from"));
    }

    @Test
    void mount_withoutFromOrOfWhatIsNotThere_uploadBegins() {
        client.blob("from", content);
        client.blob("elsewhere", "other");
        for (String query :
                List.of(
                        "?mount=" + digest,
                        "?mount=" + digest + "&from=elsewhere",
                        "?mount=" + digest + "&from=none",
                        "?mount=" + Digests.of(bytes("none")) + "&from=from")) {
            Answer answer = client.call("POST", "/v2/app/blobs/uploads/" + query);
            assertThat(answer.status()).as(query).isEqualTo(202);
            assertThat(client.call("HEAD", "/v2/app/blobs/" + digest).status()).isEqualTo(404);
            assertThat(client.call("DELETE", answer.header("Location")).status()).isEqualTo(204);
        }
    }

    @Test
    void manifest_pushed_locationDigestAndSubject() {
        Digest subject = PushedImages.artifact(client, "app", "v1", "text/a", "");
        String text =
                PushedImages.manifest(
                        OCI_MANIFEST,
                        PushedImages.blob(client, "app", PushedImages.EMPTY, "{}"),
                        "",
                        ",\"subject\":" + Layout.descriptor(OCI_MANIFEST, subject, 3));
        Digest itself = Digests.of(bytes(text));

        Answer answer = client.put("app", "v2", OCI_MANIFEST, text);

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.header("Location")).isEqualTo("/v2/app/manifests/" + itself);
        assertThat(answer.header("Docker-Content-Digest")).isEqualTo(itself.value());
        assertThat(answer.header("OCI-Subject")).isEqualTo(subject.value());
        assertThat(client.call("GET", answer.header("Location")).text()).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "v1, UNPUSHED, 400, MANIFEST_BLOB_UNKNOWN",
        "v1, INDEX, 400, MANIFEST_BLOB_UNKNOWN",
        "v1, GARBAGE, 400, MANIFEST_INVALID",
        "v1, TYPE, 400, MANIFEST_INVALID",
        "v1, SCHEMA1, 400, MANIFEST_INVALID",
        "v1, HUGE, 413, MANIFEST_INVALID",
        ".v1, SOUND, 400, MANIFEST_INVALID",
        "sha256:12, SOUND, 400, DIGEST_INVALID",
        "OTHER, SOUND, 400, DIGEST_INVALID",
    })
    void manifest_thatCannotBeTaken_refusedAndNothingChanges(
            String name, String kind, int status, String code) {
        Digest before = PushedImages.artifact(client, "app", "v1", "text/a", "");
        String unpushed = Layout.descriptor("text/plain", Digests.of(bytes("none")), 4);
        String empty = PushedImages.blob(client, "app", PushedImages.EMPTY, "{}");
        String sound = PushedImages.manifest(OCI_MANIFEST, empty, "", "");
        String text =
                switch (kind) {
                    case "UNPUSHED" -> PushedImages.manifest(OCI_MANIFEST, empty, unpushed, "");
                    case "INDEX" -> PushedImages.index(unpushed);
                    case "GARBAGE" -> "{";
                    case "TYPE" -> PushedImages.manifest("text/plain", empty, "", "");
                    case "SCHEMA1" -> "{\"schemaVersion\":1,\"name\":\"app\",\"fsLayers\":[]}";
                    case "HUGE" -> sound + " ".repeat(5 << 20);
                    default -> sound;
                };
        String at = name.equals("OTHER") ? Digests.of(bytes("other")).value() : name;
        String type = kind.equals("INDEX") ? DistributionClient.OCI_INDEX : OCI_MANIFEST;

        assertRefused(client.put("app", at, type, text), status, code);

        assertThat(client.call("GET", "/v2/app/manifests/v1").header("Docker-Content-Digest"))
                .isEqualTo(before.value());
        assertThat(client.call("HEAD", "/v2/app/manifests/" + Digests.of(bytes(text))).status())
                .isEqualTo(404);
    }
}
