package dev.hearth.imagecache.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.HearthException;
import dev.hearth.imagecache.Deadline;
import dev.hearth.imagecache.manifest.Descriptor;
import dev.hearth.imagecache.manifest.MediaTypes;
import dev.hearth.imagecache.source.Digests;
import dev.hearth.testing.Eventually;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blobs whose streams break off, stall or are refused, and are taken up again. */
@Timeout(30)
class ResumeTest {
    private static final byte[] CONTENT = content(300_000);
    private static final String BLOB = "/v2/team/app/blobs/";

    private final RegistryHttp http = TestRegistry.http();
    private TestRegistry registry;

    @BeforeEach
    void setUp() throws IOException {
        registry = new TestRegistry();
    }

    @AfterEach
    void tearDown() {
        registry.close();
        http.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void read_brokenOffAtSeveralPlaces_takenUpByRange(boolean chunked) throws IOException {
        FlakyBlob blob = new FlakyBlob(CONTENT, 1, 70_000, 0, 8192, 100_000);
        registry.answer(BLOB, chunked ? blob.chunked() : blob);

        assertThat(Arrays.equals(read(), CONTENT)).isTrue();
        assertThat(blob.ranges).hasSizeGreaterThanOrEqualTo(6);
        // not from every break: the JDK's client may drop what came just before one
        assertThat(blob.ranges).filteredOn(r -> r.startsWith("bytes=")).isNotEmpty();
    }

    @Test
    void read_brokenOffBeforeTheFirstByte_askedForWhole() throws IOException {
        FlakyBlob blob = new FlakyBlob(CONTENT, 0, 0);
        registry.answer(BLOB, blob);

        assertThat(Arrays.equals(read(), CONTENT)).isTrue();
        assertThat(blob.ranges).containsOnly("null null");
    }

    @Test
    void read_brokenOffAfterTheLastByte_notAskedAgain() throws IOException {
        FlakyBlob blob = new FlakyBlob(CONTENT, CONTENT.length).chunked();
        registry.answer(BLOB, blob);

        assertThat(Arrays.equals(read(), CONTENT)).isTrue();
        assertThat(blob.ranges).hasSize(1);
    }

    @Test
    void read_connectionEndsABodyOfUnknownLength_takenUp() throws IOException {
        String headers = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
        String part = "HTTP/1.1 206 P\r\nConnection: close\r\nContent-Range: bytes 2-9/10\r\n\r\n";
        try (RawServer raw =
                new RawServer(RawServer.text(headers + "01"), RawServer.text(part + "23456789"))) {
            byte[] content = "0123456789".getBytes(StandardCharsets.UTF_8);
            try (InputStream in = source(raw.host()).blob(descriptor(content))) {
                assertThat(in.readAllBytes()).isEqualTo(content);
            }
        }
    }

    @Test
    void read_shorterThanTheManifestSays_endsThere() throws IOException {
        FlakyBlob blob = new FlakyBlob(content(1000));
        registry.answer(BLOB, blob);

        assertThat(read()).hasSize(1000);
        assertThat(blob.ranges).hasSize(1);
    }

    @Test
    void read_stallsInTheMiddle_takenUp() throws IOException {
        AtomicInteger requests = new AtomicInteger();
        FlakyBlob rest = new FlakyBlob(CONTENT);
        registry.answer(
                BLOB,
                e -> {
                    if (requests.getAndIncrement() > 0) {
                        rest.handle(e);
                        return;
                    }
                    e.sendResponseHeaders(200, CONTENT.length);
                    e.getResponseBody().write(CONTENT, 0, 5000);
                    e.getResponseBody().flush();
                    registry.hang();
                });

        assertThat(Arrays.equals(read(), CONTENT)).isTrue();
        assertThat(rest.ranges).containsExactly("bytes=5000- null");
    }

    @Test
    void read_wholeInsteadOfRange_knownBytesSkipped() throws IOException {
        FlakyBlob blob = new FlakyBlob(CONTENT, 70_000, 150_000).deaf();
        registry.answer(BLOB, blob);

        assertThat(Arrays.equals(read(), CONTENT)).isTrue();
        assertThat(blob.ranges).hasSize(3);
    }

    @Test
    void read_anotherRangeThanAskedFor_readFromTheStart() throws IOException {
        FlakyBlob blob = new FlakyBlob(CONTENT, 70_000).shifted(1);
        registry.answer(BLOB, blob);

        assertThat(Arrays.equals(read(), CONTENT)).isTrue();
        assertThat(blob.ranges).hasSize(3);
        assertThat(blob.ranges.getLast()).isEqualTo("null null");
    }

    @Test
    void read_rangeRefused_readFromTheStart() throws IOException {
        FlakyBlob blob = new FlakyBlob(CONTENT, 70_000);
        registry.answer(
                BLOB,
                e -> {
                    if (e.getRequestHeaders().containsKey("Range")) {
                        TestRegistry.respond(e, 416, new byte[0]);
                    } else {
                        blob.handle(e);
                    }
                });

        assertThat(Arrays.equals(read(), CONTENT)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"v1\"", "W/\"v1\"", "v1"})
    void read_entityTag_conditionOnlyWhenStrong(String etag) throws IOException {
        FlakyBlob blob = new FlakyBlob(CONTENT, 70_000).etag(etag);
        registry.answer(BLOB, blob);

        assertThat(Arrays.equals(read(), CONTENT)).isTrue();
        assertThat(blob.ranges.getLast()).endsWith(etag.startsWith("\"") ? etag : " null");
    }

    @Test
    void read_redirectedToAddressesThatExpire_redirectFollowedAnew() throws IOException {
        AtomicInteger signature = new AtomicInteger();
        FlakyBlob blob = new FlakyBlob(CONTENT, 70_000, 70_000);
        registry.answer(
                BLOB, e -> TestRegistry.redirect(e, "/store?" + signature.incrementAndGet()));
        registry.answer(
                "/store",
                e -> {
                    if (e.getRequestURI().getQuery().equals("" + signature.get())) {
                        blob.handle(e);
                    } else {
                        TestRegistry.respond(e, 403, new byte[0]);
                    }
                });

        assertThat(Arrays.equals(read(), CONTENT)).isTrue();
        assertThat(signature).hasValue(3);
    }

    @Test
    void read_tokenExpiresInTheMiddle_renewedAndTakenUp() throws IOException {
        AtomicInteger tokens = new AtomicInteger();
        registry.answer(
                "/token",
                e ->
                        TestRegistry.respond(
                                e,
                                200,
                                ("{\"token\":\"t" + tokens.incrementAndGet() + "\"}")
                                        .getBytes(StandardCharsets.UTF_8)));
        AtomicInteger served = new AtomicInteger();
        FlakyBlob blob = new FlakyBlob(CONTENT, 70_000, 70_000);
        registry.answer(
                BLOB,
                e -> {
                    // Each token is good for one answer.
                    if (registry.challenged(e, "t" + (served.get() + 1))) {
                        served.incrementAndGet();
                        blob.handle(e);
                    }
                });

        assertThat(Arrays.equals(read(), CONTENT)).isTrue();
        assertThat(tokens).hasValue(3);
    }

    @Test
    void read_overloadedAndSaysWhenToComeBack_waitsSoLong() throws IOException {
        AtomicInteger requests = new AtomicInteger();
        registry.answer(
                BLOB,
                e -> {
                    if (requests.getAndIncrement() == 0) {
                        e.getResponseHeaders().add("Retry-After", "1");
                        TestRegistry.respond(e, 429, new byte[0]);
                    } else {
                        TestRegistry.respond(e, 200, CONTENT);
                    }
                });
        long start = Clock.system().nanos();

        assertThat(Arrays.equals(read(), CONTENT)).isTrue();
        assertThat(Duration.ofNanos(Clock.system().nanos() - start))
                .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void read_overloadedForLong_toldAtOnce() {
        registry.answer(
                BLOB,
                e -> {
                    e.getResponseHeaders().add("Retry-After", "3600");
                    TestRegistry.respond(e, 429, new byte[0]);
                });

        assertThatThrownBy(this::read)
                .hasMessageContaining("status 429")
                .hasMessageContaining("3600 s");
        assertThat(registry.seen).hasSize(1);
    }

    @Test
    void read_pullGivenUpDuringAPause_endsAtOnce() throws InterruptedException {
        registry.answer(
                BLOB,
                e -> {
                    e.getResponseHeaders().add("Retry-After", "15");
                    TestRegistry.respond(e, 503, new byte[0]);
                });
        Deadline deadline = new Deadline(Clock.system(), Duration.ofSeconds(20));
        RegistrySource source =
                new RegistrySource(
                        TestRegistry.image(registry.host() + "/team/app:1"),
                        http,
                        TestRegistry.options(Mirrors.NONE),
                        deadline,
                        TestRegistry.QUICK);
        long start = Clock.system().nanos();
        CompletableFuture<?> reading =
                CompletableFuture.runAsync(() -> source.blob(descriptor(CONTENT)));
        Eventually.until(() -> registry.seen.size() == 1);

        deadline.giveUp();

        assertThatThrownBy(reading::join)
                .extracting(e -> HearthException.from(e).reason())
                .isEqualTo("pull-given-up");
        assertThat(Duration.ofNanos(Clock.system().nanos() - start))
                .isLessThan(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000})
    void read_breaksOffAlwaysWithoutProgress_unavailableAfterSixRequests(int bytes) {
        FlakyBlob blob = new FlakyBlob(CONTENT, bytes, bytes, bytes, bytes, bytes, bytes, bytes);
        registry.answer(BLOB, blob);

        assertThatThrownBy(this::read)
                .extracting(e -> ((HearthException) e).reason())
                .isEqualTo("registry-unavailable");
        assertThat(blob.ranges).hasSize(6);
    }

    @Test
    void read_breaksOffAlwaysWithProgress_whole() throws IOException {
        byte[] content = content(2_000_000);
        int[] breaks = new int[20];
        Arrays.fill(breaks, 90_000);
        registry.answer(BLOB, new FlakyBlob(content, breaks));

        try (InputStream in = source(registry.host()).blob(descriptor(content))) {
            assertThat(Arrays.equals(in.readAllBytes(), content)).isTrue();
        }
    }

    private byte[] read() throws IOException {
        try (InputStream in = source(registry.host()).blob(descriptor(CONTENT))) {
            return in.readAllBytes();
        }
    }

    private RegistrySource source(String host) {
        return TestRegistry.source(host + "/team/app:1", http, TestRegistry.options(Mirrors.NONE));
    }

    private static Descriptor descriptor(byte[] content) {
        return new Descriptor(MediaTypes.OCI_LAYER, Digests.of(content), content.length);
    }

    private static byte[] content(int size) {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        return content;
    }
}
