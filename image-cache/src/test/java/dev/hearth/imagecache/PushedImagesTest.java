package dev.hearth.imagecache;

import static dev.hearth.imagecache.fixture.DistributionClient.OCI_INDEX;
import static dev.hearth.imagecache.fixture.DistributionClient.OCI_MANIFEST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ImageAdminPort.ImageView;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.imagecache.fixture.Commands;
import dev.hearth.imagecache.fixture.DistributionClient;
import dev.hearth.imagecache.fixture.DistributionClient.Answer;
import dev.hearth.imagecache.fixture.Layer;
import dev.hearth.imagecache.fixture.Layout;
import dev.hearth.imagecache.fixture.PushedImages;
import dev.hearth.imagecache.fixture.Signer;
import dev.hearth.imagecache.fixture.Tar;
import dev.hearth.imagecache.manifest.Platform;
import dev.hearth.imagecache.serve.EmbeddedRegistry;
import dev.hearth.imagecache.source.Digests;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the things that are pushed: images are ready to run, all else is kept. */
class PushedImagesTest {
    private static final String TOKEN = "the-token";
    private static final String DOCKER_MANIFEST =
            "application/vnd.docker.distribution.manifest.v2+json";

    @TempDir Path temp;
    private ImageCache cache;
    private DistributionClient client;
    private final Layer layer = Layer.gzip(new Tar().file("hello", "hello"));

    @BeforeEach
    void setUp() {
        cache = open();
        client = new DistributionClient(cache.registry().orElseThrow(), "Bearer " + TOKEN);
    }

    @AfterEach
    void tearDown() {
        client.close();
        cache.close();
    }

    private ImageCache open() {
        return ImageCache.open(
                CacheOptions.in(temp.resolve("data"))
                        .with(
                                new EmbeddedRegistry.Settings(
                                        List.of("localhost:8080", "registry.localhost"),
                                        TOKEN,
                                        1 << 20)),
                Clock.system());
    }

    private Optional<ImageView> listed(Digest digest) {
        return cache.images().images().stream().filter(i -> i.digest().equals(digest)).findFirst();
    }

    private long manifestBytes(String repository, Digest digest) {
        return client.call("GET", "/v2/" + repository + "/manifests/" + digest).body().length;
    }

    @Test
    void image_pushed_runsWithoutAnyBlob() {
        Digest digest = PushedImages.image(client, "team/app", "v1", layer);
        Commands.run(
                "find", temp.resolve("data/registry/blobs").toString(), "-type", "f", "-delete");

        cache.prefetch(new ResolvedImage("localhost:8080/team/app:v1", digest));

        assertThat(cache.open(digest).layers().getFirst().resolve("hello")).hasContent("hello");
        assertThat(listed(digest).orElseThrow().references())
                .containsExactly("localhost:8080/team/app:v1");
    }

    @Test
    void image_pushed_resolvesByTagDigestAndEveryHost() {
        Digest digest = PushedImages.image(client, "team/app", "v1", layer);
        for (String reference :
                List.of(
                        "localhost:8080/team/app:v1",
                        "localhost:8080/team/app@" + digest,
                        "registry.localhost/team/app:v1")) {
            assertThat(cache.resolve(reference).digest()).as(reference).isEqualTo(digest);
        }
        assertThatThrownBy(() -> cache.resolve("localhost:8080/team/app:v2"))
                .extracting(e -> ((HearthException) e).reason())
                .isEqualTo("image-not-found");
    }

    @Test
    void image_evictedAfterThePush_comesBackFromTheRegistry() throws Exception {
        Digest digest = PushedImages.image(client, "team/app", "v1", layer);
        tearDown();
        Commands.run("rm", "-rf", temp.resolve("data/images").toString());
        setUp();

        cache.prefetch(cache.resolve("localhost:8080/team/app:v1"));

        assertThat(cache.open(digest).layers().getFirst().resolve("hello")).hasContent("hello");
    }

    @Test
    void image_pushedToTheSameTag_nameMovesToTheNewOne() {
        Digest old = PushedImages.image(client, "app", "v1", layer);
        Digest now =
                PushedImages.image(client, "app", "v1", Layer.zstd(new Tar().file("other", "o")));
        assertThat(cache.resolve("localhost:8080/app:v1").digest()).isEqualTo(now);
        assertThat(listed(now).orElseThrow().references()).containsExactly("localhost:8080/app:v1");
        assertThat(listed(old).orElseThrow().references()).isEmpty();
    }

    @Test
    void image_layerCannotBeUnpacked_pushIsRefusedAndTagNotMoved() {
        Digest sound = PushedImages.image(client, "app", "v1", layer);
        Layer damaged =
                new Layer(
                        layer.mediaType(),
                        "no gzip".getBytes(StandardCharsets.UTF_8),
                        layer.diffId());
        Layer other = Layer.gzip(new Tar().file("other", "o"));
        String config = Layout.config(other);
        String text =
                PushedImages.manifest(
                        OCI_MANIFEST,
                        PushedImages.blob(client, "app", PushedImages.OCI_CONFIG, config),
                        Layout.descriptor(
                                damaged.mediaType(),
                                client.blob("app", damaged.blob()),
                                damaged.blob().length),
                        "");

        Answer answer = client.put("app", "v1", OCI_MANIFEST, text);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.code()).isEqualTo("MANIFEST_INVALID");
        assertThat(answer.text()).contains("localhost:8080/app:v1");
        assertThat(cache.resolve("localhost:8080/app:v1").digest()).isEqualTo(sound);
        assertThat(
                        client.call(
                                        "HEAD",
                                        "/v2/app/manifests/"
                                                + Digests.of(text.getBytes(StandardCharsets.UTF_8)))
                                .status())
                .isEqualTo(404);
    }

    @Test
    void dockerSchema2_pushed_unpackedAndPulledAsItCame() {
        String config = Layout.config(layer);
        String text =
                PushedImages.manifest(
                        DOCKER_MANIFEST,
                        PushedImages.blob(
                                client,
                                "app",
                                "application/vnd.docker.container.image.v1+json",
                                config),
                        Layout.descriptor(
                                "application/vnd.docker.image.rootfs.diff.tar.gzip",
                                client.blob("app", layer.blob()),
                                layer.blob().length),
                        "");
        Digest digest = client.manifest("app", "v1", DOCKER_MANIFEST, text);

        assertThat(cache.open(digest).layers()).hasSize(1);
        Answer pulled = client.call("GET", "/v2/app/manifests/v1");
        assertThat(pulled.text()).isEqualTo(text);
        assertThat(pulled.header("Content-Type")).isEqualTo(DOCKER_MANIFEST);
    }

    @Test
    void index_withChildrenForOtherPlatforms_oursIsUnpackedTheOthersAreKept() {
        Digest ours = PushedImages.image(client, "app", "", layer);
        Layer other = Layer.gzip(new Tar().file("other", "o"));
        Digest foreign =
                PushedImages.image(client, "app", "", PushedImages.foreignConfig(other), other);
        String host = Platform.host().architecture();
        String index =
                PushedImages.index(
                        PushedImages.child(
                                foreign, manifestBytes("app", foreign), PushedImages.foreign()),
                        PushedImages.child(ours, manifestBytes("app", ours), host));
        Digest whole = client.manifest("app", "v1", OCI_INDEX, index);

        assertThat(cache.resolve("localhost:8080/app:v1").digest()).isEqualTo(ours);
        assertThat(cache.open(ours).layers().getFirst().resolve("hello")).hasContent("hello");
        assertThat(listed(ours).orElseThrow().references()).contains("localhost:8080/app:v1");
        assertThat(listed(foreign)).isEmpty();
        assertThat(temp.resolve("data/images/layers").resolve(other.diffId().hex())).doesNotExist();
        assertThat(manifestBytes("app", foreign)).isPositive();
        assertThat(client.call("GET", "/v2/app/manifests/v1").header("Docker-Content-Digest"))
                .isEqualTo(whole.value());

        cache.prune(Set.of()); // a tag keeps its index, and that its children
        assertThat(client.call("GET", "/v2/app/blobs/" + Digests.of(other.blob())).body())
                .isEqualTo(other.blob());
    }

    @Test
    void image_forAnotherPlatformUnderATag_keptAndADeploySaysWhy() {
        Digest foreign =
                PushedImages.image(client, "app", "v1", PushedImages.foreignConfig(layer), layer);
        assertThat(client.call("GET", "/v2/app/manifests/v1").header("Docker-Content-Digest"))
                .isEqualTo(foreign.value());
        assertThat(listed(foreign)).isEmpty();
        ResolvedImage resolved = cache.resolve("localhost:8080/app:v1");
        assertThatThrownBy(() -> cache.prefetch(resolved)).hasMessageContaining("but for linux");
    }

    @Test
    void attestations_asBuildkitPushesThem_keptAndTheImageRuns() {
        Digest ours = PushedImages.image(client, "app", "", layer);
        String statement = "{\"_type\":\"https://in-toto.io/Statement/v0.1\"}";
        String attestation =
                PushedImages.manifest(
                        OCI_MANIFEST,
                        PushedImages.blob(
                                client,
                                "app",
                                PushedImages.OCI_CONFIG,
                                "{\"architecture\":\"unknown\",\"os\":\"unknown\",\"config\":{},"
                                        + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\""
                                        + Digests.of(statement.getBytes(StandardCharsets.UTF_8))
                                        + "\"]}}"),
                        PushedImages.blob(client, "app", "application/vnd.in-toto+json", statement),
                        "");
        Digest attached = client.manifest("app", "", OCI_MANIFEST, attestation);
        String unknown =
                PushedImages.child(attached, PushedImages.length(attestation), "unknown")
                        .replace("\"linux\"", "\"unknown\"");
        client.manifest(
                "app",
                "v1",
                OCI_INDEX,
                PushedImages.index(
                        PushedImages.child(
                                ours, manifestBytes("app", ours), Platform.host().architecture()),
                        unknown.substring(0, unknown.length() - 1)
                                + ",\"annotations\":{\"vnd.docker.reference.type\":"
                                + "\"attestation-manifest\",\"vnd.docker.reference.digest\":\""
                                + ours
                                + "\"}}"));

        assertThat(cache.resolve("localhost:8080/app:v1").digest()).isEqualTo(ours);
        assertThat(listed(attached)).isEmpty();
        assertThat(client.call("GET", "/v2/app/manifests/" + attached).text())
                .isEqualTo(attestation);
    }

    @Test
    void artifacts_signatureChartAndOthers_keptWhole() {
        Digest image = PushedImages.image(client, "app", "v1", layer);
        Signer.Signed signed = Signer.create().sign(image);
        client.blob("app", Signer.CONFIG);
        client.blob("app", signed.bytes());
        String chart =
                PushedImages.manifest(
                        OCI_MANIFEST,
                        PushedImages.blob(
                                client,
                                "charts/app",
                                "application/vnd.cncf.helm.config.v1+json",
                                "{\"name\":\"app\",\"version\":\"1.0.0\",\"apiVersion\":\"v2\"}"),
                        PushedImages.blob(
                                client,
                                "charts/app",
                                "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
                                "chart"),
                        "");
        client.manifest("app", Signer.tag(image), OCI_MANIFEST, Signer.manifest(signed));
        client.manifest("charts/app", "1.0.0", OCI_MANIFEST, chart);
        PushedImages.artifact(client, "app", "note", "text/x-note", "");

        assertThat(client.call("GET", "/v2/charts/app/manifests/1.0.0").text()).isEqualTo(chart);
        assertThat(client.call("GET", "/v2/app/manifests/" + Signer.tag(image)).text())
                .isEqualTo(Signer.manifest(signed));
        assertThat(cache.images().images()).hasSize(1);
    }

    @Test
    void restart_whatWasPushed_isThereAndWhatWasComingInIsNot() throws Exception {
        Digest digest = PushedImages.image(client, "app", "v1", layer);
        String upload = client.upload("app");
        client.call("PATCH", upload, "half".getBytes(StandardCharsets.UTF_8));
        tearDown();
        setUp();
        assertThat(client.call("GET", "/v2/app/manifests/v1").header("Docker-Content-Digest"))
                .isEqualTo(digest.value());
        assertThat(client.call("GET", upload).status()).isEqualTo(404);
        assertThat(Files.list(temp.resolve("data/registry/uploads"))).isEmpty();
        assertThat(listed(digest).orElseThrow().references())
                .containsExactly("localhost:8080/app:v1");
    }
}
