package dev.hearth.imagecache.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.imagecache.source.Digests;
import dev.hearth.testing.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases 39 and 40 of SECURITY.md, "Hostile images", and what else a blob's pusher may try. */
class HostilePushTest {
    private static final int MOST_BYTES = 4 << 20;
    private static final byte[] BLOB =
            "0123456789".repeat(100_000).getBytes(StandardCharsets.US_ASCII);

    @TempDir Path data;
    private EmbeddedRegistry registry;
    private Caller caller;

    @BeforeEach
    void setUp() throws IOException {
        registry = EmbeddedRegistry.open(data, Caller.settings(MOST_BYTES), Clock.system());
        registry.serve((repository, manifest, tag) -> {});
        caller = new Caller(registry.address().orElseThrow(), "team/app");
    }

    @AfterEach
    void tearDown() {
        caller.close();
        registry.close();
    }

    @Test
    void push_brokenOffHalfWayTwiceAtOnce_noBlobAndNothingLeft() throws Exception {
        Digest digest = Digests.of(BLOB);
        byte[] half = Arrays.copyOf(BLOB, BLOB.length / 2);
        String whole = "/v2/team/app/blobs/uploads/?digest=" + digest;
        try (Socket one = caller.halfSent("POST", whole, Caller.TOKEN, BLOB.length, half);
                Socket two = caller.halfSent("POST", whole, Caller.TOKEN, BLOB.length, half)) {
            assertThat(List.of(one, two)).allMatch(Socket::isConnected);
            Eventually.until(() -> bytesComingIn() == 2L * half.length);
            assertThat(caller.get("blobs/" + digest).statusCode()).isEqualTo(404);
        }

        Eventually.until(() -> Caller.files(data, "uploads").isEmpty());
        assertThat(caller.get("blobs/" + digest).statusCode()).isEqualTo(404);
        assertThat(Caller.files(data, "blobs")).isEmpty();
    }

    @Test
    void upload_brokenOffChunk_goesOnFromThereOrIsCancelled() throws Exception {
        byte[] half = Arrays.copyOf(BLOB, BLOB.length / 2);
        String upload = caller.begin();
        Socket socket = caller.halfSent("PATCH", upload, Caller.TOKEN, BLOB.length, half);
        Eventually.until(() -> bytesComingIn() == half.length);
        socket.close();
        Eventually.until(() -> caller.call("PATCH", upload, new byte[0]).statusCode() == 202);

        byte[] rest = Arrays.copyOfRange(BLOB, half.length, BLOB.length);
        Digest digest = Digests.of(BLOB);
        assertThat(caller.call("PUT", upload + "?digest=" + digest, rest).statusCode())
                .isEqualTo(201);
        assertThat(caller.get("blobs/" + digest).body().getBytes(StandardCharsets.US_ASCII))
                .isEqualTo(BLOB);
        String other = caller.begin();
        assertThat(caller.call("DELETE", other, new byte[0]).statusCode()).isEqualTo(204);
        assertThat(caller.get(other).statusCode()).isEqualTo(404);
        assertThat(Caller.files(data, "uploads")).isEmpty();
    }

    @Test
    void push_sameBlobByEightAtOnce_allWholeAndOneKept() throws Exception {
        Digest digest = Digests.of(BLOB);
        List<HttpResponse<String>> answers =
                atOnce(8, i -> caller.call("POST", "blobs/uploads/?digest=" + digest, BLOB));

        assertThat(answers).allMatch(a -> a.statusCode() == 201);
        assertThat(caller.get("blobs/" + digest).body()).hasSize(BLOB.length);
        assertThat(Caller.files(data, "blobs")).hasSize(1);
        assertThat(Caller.files(data, "uploads")).isEmpty();
    }

    @Test
    void upload_chunksWhileItIsFinished_blobIsWhatItsDigestSays() throws Exception {
        for (int round = 0; round < 60; round++) {
            byte[] content = ("round " + round).getBytes(StandardCharsets.US_ASCII);
            Digest digest = Digests.of(content);
            String upload = caller.begin();
            caller.call("PATCH", upload, content);
            atOnce(
                    4,
                    i ->
                            i < 2
                                    ? caller.call("PATCH", upload, "late".getBytes())
                                    : caller.call(
                                            "PUT", upload + "?digest=" + digest, new byte[0]));

            caller.call("DELETE", upload, new byte[0]); // when every PUT met a chunk
            HttpResponse<String> blob = caller.get("blobs/" + digest);
            if (blob.statusCode() == 200) {
                assertThat(blob.body()).isEqualTo("round " + round);
            }
        }
        for (Path blob : Caller.files(data, "blobs")) {
            assertThat(Digests.of(Files.readAllBytes(blob)).hex())
                    .isEqualTo(blob.getFileName().toString());
        }
        assertThat(Caller.files(data, "uploads")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "..",
                "../../etc",
                "a/../b",
                "a/./b",
                "%2e%2e/a",
                "a%2fb",
                "a%2F..%2Fb",
                "a%00",
                "a%0d%0ab",
                "Team/app",
                "team/APP",
                "_blobs",
                "team/_manifests",
                "a//b",
                "/a",
                "a/",
                "-a",
                "a..b",
                "a%5cb",
                "caf%c3%a9"
            })
    void name_thatIsNone_refusedEverywhere(String name) {
        assertRefused(name);
    }

    @Test
    void name_tooLongOrOfAThousandSegments_refused() {
        assertRefused("a".repeat(256));
        assertRefused("a/".repeat(1000) + "a");
        assertThat(caller.in("a".repeat(250)).call("POST", "blobs/uploads/", new byte[0]))
                .extracting(HttpResponse::statusCode)
                .isEqualTo(202);
    }

    private void assertRefused(String name) {
        Caller there = caller.in(name);
        Digest digest = Digests.of(BLOB);
        for (HttpResponse<String> answer :
                List.of(
                        there.call("POST", "blobs/uploads/", new byte[0]),
                        there.call("POST", "blobs/uploads/?digest=" + digest, BLOB),
                        there.get("blobs/" + digest),
                        there.manifest("latest", "{}".getBytes()),
                        there.get("tags/list"),
                        there.get("referrers/" + digest))) {
            assertThat(answer.statusCode()).as(name).isIn(400, 404);
            assertThat(answer.body()).containsAnyOf("NAME_INVALID", "UNSUPPORTED");
        }
        assertThat(caller.call("POST", "/v2/_load?name=" + encoded(name), new byte[0]).body())
                .contains("NAME_INVALID");
        assertThat(Caller.files(data, "")).as(name).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0-9, 416", // overlaps what is there
        "4-13, 416",
        "20-29, 416", // leaves a hole
        "999999999999999990-999999999999999999, 416",
        "99999999999999999999-99999999999999999999, 416",
        "-5-4, 416",
        "10--1, 416",
        "19-10, 416",
        "10-10, 400", // not as long as the body
        "10-999999, 400",
        "x-y, 416"
    })
    void contentRange_thatLies_refusedAndTheUploadGoesOn(String range, int status) {
        String upload = caller.begin();
        caller.call("PATCH", upload, "0123456789".getBytes());

        HttpResponse<String> answer =
                caller.send(
                        caller.request(upload)
                                .header("Content-Range", range)
                                .method("PATCH", body("abcdefghij")));

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(caller.get(upload).headers().firstValue("Range")).contains("0-9");
        Digest digest = Digests.of("0123456789".getBytes());
        assertThat(caller.call("PUT", upload + "?digest=" + digest, new byte[0]).statusCode())
                .isEqualTo(201);
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 206, 1",
        "bytes=999990-, 206, 10",
        "bytes=-10, 206, 10",
        "bytes=-99999999, 206, 1000000",
        "bytes=0-999999999999999999, 206, 1000000",
        "bytes=1000000-, 416, 0",
        "bytes=-0, 416, 0",
        "bytes=9-8, 200, 1000000",
        "bytes=99999999999999999999-, 200, 1000000",
        "'bytes=0-1,0-1,0-1,0-1', 200, 1000000",
        "bytes=-, 200, 1000000",
        "bytes=--5, 200, 1000000",
        "lines=0-1, 200, 1000000"
    })
    void range_ofAnyKind_noMoreThanTheBlob(String range, int status, int bytes) {
        Digest digest = caller.push(BLOB);

        HttpResponse<String> answer =
                caller.send(caller.request("blobs/" + digest).header("Range", range));

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).hasSize(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sha256:0000000000000000000000000000000000000000000000000000000000000000",
                "sha256:../../../../etc/passwd",
                "sha256:ABCDEF0000000000000000000000000000000000000000000000000000000000",
                "sha512:00",
                "md5:d41d8cd98f00b204e9800998ecf8427e",
                "..",
                ""
            })
    void digest_thatIsWrong_refusedAndNothingKept(String digest) {
        HttpResponse<String> answer = caller.call("POST", "blobs/uploads/?digest=" + digest, BLOB);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("DIGEST_INVALID");
        String upload = caller.begin();
        assertThat(caller.call("PUT", upload + "?digest=" + digest, BLOB).statusCode())
                .isEqualTo(400);
        caller.call("DELETE", upload, new byte[0]);
        assertThat(Caller.files(data, "")).isEmpty();
    }

    @Test
    void upload_idOfAnotherRepository_unknownAndUntouched() {
        String upload = caller.begin();
        String id = upload.substring(upload.lastIndexOf('/') + 1);
        String elsewhere = "/v2/other/blobs/uploads/" + id;

        for (String method : List.of("GET", "PATCH", "DELETE")) {
            assertThat(caller.call(method, elsewhere, new byte[0]).body())
                    .contains("BLOB_UPLOAD_UNKNOWN");
        }
        assertThat(caller.call("PUT", elsewhere + "?digest=" + Digests.of(BLOB), BLOB).statusCode())
                .isEqualTo(404);
        assertThat(caller.get(upload).statusCode()).isEqualTo(204);
    }

    @Test
    void blob_ofAnotherRepository_notShown() {
        Digest digest = caller.push(BLOB);
        Caller other = caller.in("other");

        assertThat(other.get("blobs/" + digest).statusCode()).isEqualTo(404);
        assertThat(other.call("HEAD", "blobs/" + digest, new byte[0]).statusCode()).isEqualTo(404);
        assertThat(other.call("DELETE", "blobs/" + digest, new byte[0]).statusCode())
                .isEqualTo(404);
        assertThat(
                        other.call(
                                        "POST",
                                        "blobs/uploads/?mount=" + digest + "&from=third",
                                        new byte[0])
                                .statusCode())
                .as("not mounted but begun")
                .isEqualTo(202);
        assertThat(caller.get("blobs/" + digest).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer 7d1f0c3a9",
                "Bearer 7d1f0c3a9bb",
                "Bearer 7D1F0C3A9B",
                "Bearer 7d1f0c3a9c",
                "Bearer",
                "Bearer 7d1f0c3a9b x",
                "7d1f0c3a9b",
                "Digest 7d1f0c3a9b",
                "Basic 7d1f0c3a9b",
                "Basic N2QxZjBjM2E5Yjo=", // as the user's name, no password
                "Basic !!!"
            })
    void token_nearlyRight_refused(String authorization) {
        for (String path : List.of("/v2/", "/v2/_catalog", "/v2/team/app/tags/list", "/nothing")) {
            HttpResponse<String> answer =
                    caller.send(caller.request(path).setHeader("Authorization", authorization));
            assertThat(answer.statusCode()).isEqualTo(401);
        }
        assertThat(
                        caller.send(
                                        caller.request("blobs/uploads/")
                                                .setHeader("Authorization", authorization)
                                                .POST(body("")))
                                .statusCode())
                .isEqualTo(401);
        assertThat(Caller.files(data, "")).isEmpty();
    }

    @Test
    void blob_largerThanAllowed_refusedAndNothingLeft() {
        byte[] large = new byte[MOST_BYTES + 1];
        String upload = caller.begin();

        assertThat(caller.call("PATCH", upload, large).statusCode()).isEqualTo(413);
        assertThat(caller.get(upload).statusCode()).isEqualTo(404);
        assertThat(caller.call("POST", "blobs/uploads/?digest=" + Digests.of(large), large))
                .extracting(HttpResponse::statusCode)
                .isEqualTo(413);
        assertThat(Caller.files(data, "")).isEmpty();
    }

    @Test
    void blob_whoseFileIsGoneOrUnreadable_unknownOrCutOff() throws IOException {
        Digest digest = caller.push(BLOB);
        Files.delete(data.resolve("registry/blobs").resolve(digest.hex()));

        HttpResponse<String> answer = caller.get("blobs/" + digest);
        assertThat(answer.statusCode()).isEqualTo(404);
        Files.createDirectory(data.resolve("registry/blobs").resolve(digest.hex()));
        assertThatThrownBy(() -> caller.get("blobs/" + digest))
                .as("not a client that waits for the rest")
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageNotContaining("timed out");
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8);
    }

    private long bytesComingIn() {
        return Caller.files(data, "uploads").stream().mapToLong(p -> p.toFile().length()).sum();
    }

    private static java.net.http.HttpRequest.BodyPublisher body(String text) {
        return java.net.http.HttpRequest.BodyPublishers.ofString(text);
    }

    private interface Attempt {
        HttpResponse<String> number(int i);
    }

    private static List<HttpResponse<String>> atOnce(int times, Attempt attempt) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(times)) {
            List<Callable<HttpResponse<String>>> all =
                    IntStream.range(0, times)
                            .<Callable<HttpResponse<String>>>mapToObj(i -> () -> attempt.number(i))
                            .toList();
            List<HttpResponse<String>> answers = new java.util.ArrayList<>();
            for (Future<HttpResponse<String>> one : threads.invokeAll(all)) {
                answers.add(one.get());
            }
            return answers;
        }
    }
}
