package dev.hearth.imagecache.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.contracts.Clock;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.ImageAdminPort.PullView;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.imagecache.CacheOptions;
import dev.hearth.imagecache.ImageCache;
import dev.hearth.imagecache.fixture.Layer;
import dev.hearth.imagecache.fixture.Layout;
import dev.hearth.imagecache.fixture.Tar;
import dev.hearth.imagecache.manifest.MediaTypes;
import dev.hearth.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told of a pull that is under way. */
class PullProgressTest {
    @TempDir Path temp;

    @Test
    void pulls_layersAndBytesAsTheyCome_andNothingAfterwards() throws Exception {
        Layer there = Layer.gzip(new Tar().file("there", "t"));
        Layer slow = Layer.gzip(new Tar().entry('0', "slow", "", 0644, 0, 0, noise()));
        Layout layout = new Layout(temp.resolve("layout"));
        layout.image("base", there);
        Digest image = layout.image("app", there, slow);
        int size = slow.blob().length;
        CountDownLatch enough = new CountDownLatch(1);
        try (TestRegistry registry = new TestRegistry();
                ImageCache cache =
                        ImageCache.open(
                                CacheOptions.in(temp.resolve("data"))
                                        .with(TestRegistry.options(Mirrors.NONE)),
                                Clock.system());
                ExecutorService pulling = Executors.newVirtualThreadPerTaskExecutor()) {
            cache.prefetch(cache.resolve(layout.reference("base"))); // one layer is here already
            serve(registry, layout, image, slow, enough);
            ResolvedImage resolved = cache.resolve(registry.host() + "/app:1");

            Future<?> pull = pulling.submit(() -> cache.prefetch(resolved));
            Eventually.until(
                    () -> cache.pulls().stream().anyMatch(p -> p.bytes() > there.blob().length));

            assertThat(cache.pulls()).hasSize(1);
            PullView view = cache.pulls().getFirst();
            assertThat(view.reference()).isEqualTo(resolved.reference());
            assertThat(view.layers()).isEqualTo(1);
            assertThat(view.totalLayers()).isEqualTo(2);
            assertThat(view.totalBytes()).isEqualTo(there.blob().length + size);
            assertThat(view.bytes()).isLessThan(view.totalBytes());

            enough.countDown();
            pull.get(30, TimeUnit.SECONDS);
            assertThat(cache.pulls()).isEmpty();
        }
    }

    /** Half of the slow layer comes at once, the rest when the test has seen enough. */
    private static void serve(
            TestRegistry registry, Layout layout, Digest image, Layer slow, CountDownLatch enough)
            throws Exception {
        try (Stream<Path> blobs = Files.list(layout.blobFile(image).resolveSibling("."))) {
            for (Path blob : blobs.toList()) {
                byte[] bytes = Files.readAllBytes(blob);
                registry.answer("/v2/app/blobs/sha256:" + blob.getFileName(), 200, bytes);
            }
        }
        byte[] manifest = Files.readAllBytes(layout.blobFile(image));
        for (String name : List.of("1", image.value())) {
            registry.answer(
                    "/v2/app/manifests/" + name,
                    e -> {
                        e.getResponseHeaders().add("Content-Type", MediaTypes.OCI_MANIFEST);
                        TestRegistry.respond(e, 200, manifest);
                    });
        }
        registry.answer(
                "/v2/app/blobs/" + layout.blob(slow.blob()),
                e -> {
                    e.sendResponseHeaders(200, slow.blob().length);
                    int half = slow.blob().length / 2;
                    e.getResponseBody().write(slow.blob(), 0, half);
                    e.getResponseBody().flush();
                    enough.await();
                    e.getResponseBody().write(slow.blob(), half, slow.blob().length - half);
                });
    }

    /** What cannot be compressed, so that half of the blob is about half of the file. */
    private static byte[] noise() {
        byte[] noise = new byte[300_000];
        new Random(1).nextBytes(noise);
        return noise;
    }
}
