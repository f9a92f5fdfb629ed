package dev.hearth.imagecache;

import static dev.hearth.imagecache.fixture.DistributionClient.OCI_MANIFEST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.RegistryBounds;
import dev.hearth.imagecache.fixture.DistributionClient;
import dev.hearth.imagecache.fixture.DistributionClient.Answer;
import dev.hearth.imagecache.fixture.PushedImages;
import dev.hearth.imagecache.serve.EmbeddedRegistry;
import dev.hearth.imagecache.source.Digests;
import dev.hearth.testing.ManualClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pushes by those who would have more in the registry than their project may. */
class StorageQuotaTest {
    private static final String TOKEN = "the-token";
    private static final ProjectName RED = new ProjectName("red");
    private static final ProjectName BLUE = new ProjectName("blue");
    private static final int BLOCK = 4096;
    private static final int MOST = 16 * BLOCK;

    @TempDir Path temp;
    private final ManualClock clock = new ManualClock();
    private final Random random = new Random(1);
    private ImageCache cache;
    private DistributionClient client;

    @BeforeEach
    void setUp() {
        cache =
                ImageCache.open(
                        CacheOptions.in(temp.resolve("data"))
                                .with(
                                        new EmbeddedRegistry.Settings(
                                                List.of("localhost:8080"), TOKEN, 4 << 20)),
                        clock);
        client = new DistributionClient(cache.registry().orElseThrow(), "Bearer " + TOKEN);
        cache.bound(
                new RegistryBounds() {
                    @Override
                    public ProjectName owner(String repository) {
                        return new ProjectName(repository.split("/")[0]);
                    }

                    @Override
                    public long mostBytes(ProjectName project) {
                        return project.equals(RED) ? MOST : 0;
                    }
                });
    }

    @AfterEach
    void tearDown() {
        client.close();
        cache.close();
    }

    /** Of a blob that nobody has yet. */
    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private Answer push(String repository, byte[] bytes) {
        return client.call(
                "POST", "/v2/" + repository + "/blobs/uploads/?digest=" + Digests.of(bytes), bytes);
    }

    private long used() {
        return cache.registryBytes(RED);
    }

    private static void assertDenied(Answer answer) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(403);
        assertThat(answer.code()).isEqualTo("DENIED");
        assertThat(answer.text())
                .contains("storage quota of the project", "red", "64Ki", "hearth quota --storage");
    }

    @Test
    void blob_beyondTheQuota_deniedAndNothingOfItStays() {
        assertThat(push("red/app", bytes(9 * BLOCK)).status()).isEqualTo(201);
        assertThat(used()).isEqualTo(10 * BLOCK); // and the repository's entry
        long before = cache.images().registryBytes();

        assertDenied(push("red/app", bytes(6 * BLOCK)));
        assertDenied(push("red/other", bytes(100 * BLOCK)));

        assertThat(used()).isEqualTo(10 * BLOCK);
        assertThat(cache.images().registryBytes()).isEqualTo(before);
        assertThat(push("red/app", bytes(5 * BLOCK)).status()).isEqualTo(201);
        assertThat(used()).isEqualTo(MOST);
        assertThat(push("blue/app", bytes(100 * BLOCK)).status()).isEqualTo(201);
    }

    @Test
    void blob_inChunks_deniedBeforeItIsWhole_andItsUploadIsGone() {
        String at = client.upload("red/app");
        assertThat(client.call("PATCH", at, bytes(10 * BLOCK)).status()).isEqualTo(202);
        String another = client.upload("red/app");
        assertDenied(client.call("PATCH", another, bytes(10 * BLOCK))); // both come in
        assertThat(client.call("GET", another).status()).isEqualTo(404);
        assertDenied(client.call("PATCH", at, bytes(10 * BLOCK)));
        assertThat(client.call("GET", at).status()).isEqualTo(404);
        assertThat(used()).isZero();
    }

    @Test
    void blobs_ofTheSameContent_countOnceForAProject() {
        byte[] layer = bytes(6 * BLOCK);
        push("red/app", layer);
        assertThat(push("red/other", layer).status()).isEqualTo(201);
        assertThat(used()).isEqualTo(8 * BLOCK);
        push("blue/app", layer);
        assertThat(cache.registryBytes(BLUE)).isEqualTo(7 * BLOCK);
        assertThat(used()).isEqualTo(8 * BLOCK);
    }

    @Test
    void mountedBlob_countsAsAPushedOne() {
        byte[] layer = bytes(10 * BLOCK);
        push("blue/app", layer);
        push("blue/app", bytes(1));
        String mount = "/v2/red/app/blobs/uploads/?from=blue/app&mount=" + Digests.of(layer);
        assertThat(client.call("POST", mount).status()).isEqualTo(201);
        assertThat(used()).isEqualTo(11 * BLOCK);
        byte[] second = bytes(8 * BLOCK);
        push("blue/app", second);
        assertDenied(client.call("POST", mount.replaceAll("sha256:.*", "" + Digests.of(second))));
    }

    @Test
    void blobsOfAnOctet_areNotFree() {
        int taken = 0;
        while (push("red/app", bytes(1 + taken)).status() == 201) {
            taken++;
        }
        assertThat(taken).isEqualTo(8); // a block each, and one for the entry
        assertDenied(push("red/app", bytes(100)));
    }

    @Test
    void manifestsAndTags_count() {
        PushedImages.artifact(client, "red/app", "t0", "text/x", "");
        long one = used();
        assertThat(one).isEqualTo(7 * BLOCK); // "{}" and a text, the manifest, and a tag
        String manifest = client.call("GET", "/v2/red/app/manifests/t0").text();
        List<Answer> answers = new ArrayList<>();
        for (int i = 1; i <= 10; i++) {
            answers.add(client.put("red/app", "t" + i, OCI_MANIFEST, manifest));
        }
        assertThat(answers.subList(0, 9)).allMatch(answer -> answer.status() == 201);
        assertDenied(answers.get(9));
        assertThat(used()).isEqualTo(MOST);
        assertThat(client.put("red/app", "t3", OCI_MANIFEST, manifest).status()).isEqualTo(201);
        assertDenied(client.put("red/app", "new", OCI_MANIFEST, manifest + " "));
        assertThat(used()).isEqualTo(MOST);
    }

    @Test
    void manyPushesAtOnce_neverGoBeyondTogether() throws Exception {
        List<Callable<Answer>> pushes = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            byte[] layer = bytes(3 * BLOCK - 1);
            String repository = "red/app" + i % 3;
            pushes.add(() -> push(repository, layer));
        }
        int taken = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(12)) {
            for (Future<Answer> push : threads.invokeAll(pushes)) {
                if (push.get().status() == 201) {
                    taken++;
                } else {
                    assertDenied(push.get());
                }
            }
        }
        assertThat(taken).isBetween(1, 4);
        assertThat(used()).isEqualTo(taken * 4L * BLOCK);
    }

    @Test
    void archive_largerThanTheQuota_denied() {
        assertDenied(client.call("POST", "/v2/_load?name=red/app", bytes(17 * BLOCK)));
        assertThat(client.call("POST", "/v2/_load?name=red/app", bytes(16 * BLOCK)).status())
                .isNotEqualTo(403); // it is no archive
        assertThat(used()).isZero();
    }

    /** Else the disk could be filled with what counts for nobody. */
    @Test
    void blobPushedAndDeleted_isGoneFromTheDiskAtOnce_butForOthers() {
        long before = cache.images().registryBytes();
        for (int i = 0; i < 5; i++) {
            byte[] layer = bytes(12 * BLOCK);
            assertThat(push("red/app", layer).status()).isEqualTo(201);
            String path = "/v2/red/app/blobs/" + Digests.of(layer);
            assertThat(client.call("DELETE", path).status()).isEqualTo(202);
            assertThat(cache.images().registryBytes()).isEqualTo(before);
        }
        byte[] shared = bytes(BLOCK);
        push("red/app", shared);
        push("blue/app", shared);
        String path = "/v2/red/app/blobs/" + Digests.of(shared);
        assertThat(client.call("DELETE", path).status()).isEqualTo(202);
        assertThat(client.call("GET", path).status()).isEqualTo(404);
        assertThat(client.call("GET", path.replace("red", "blue")).body()).isEqualTo(shared);
    }

    @Test
    void imageDeleted_itsLayersAreFreeAnHourAfterTheyWerePushed() {
        PushedImages.artifact(client, "red/app", "v1", "text/x", "");
        String digest =
                client.call("GET", "/v2/red/app/manifests/v1").header("Docker-Content-Digest");
        assertThat(client.call("DELETE", "/v2/red/app/manifests/" + digest).status())
                .isEqualTo(202);
        cache.keepToBudget();
        assertThat(used()).isEqualTo(4 * BLOCK);
        clock.advance(Duration.ofMinutes(61));
        cache.keepToBudget();
        assertThat(used()).isZero();
    }

    @Test
    void quotaLessThanWhatThereIs_pushesThatAddNothingGoOn() {
        byte[] layer = "shared".getBytes(StandardCharsets.UTF_8);
        push("red/app", layer);
        cache.bound(
                new RegistryBounds() {
                    @Override
                    public ProjectName owner(String repository) {
                        return RED;
                    }

                    @Override
                    public long mostBytes(ProjectName project) {
                        return 1;
                    }
                });
        assertThat(client.call("HEAD", "/v2/red/app/blobs/" + Digests.of(layer)).status())
                .isEqualTo(200);
        Answer more = push("red/app", bytes(1));
        assertThat(more.status()).isEqualTo(403);
    }
}
