package dev.hearth.imagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ImageAdminPort.ImageView;
import dev.hearth.contracts.ImageAdminPort.Pruned;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.contracts.ServedImages;
import dev.hearth.contracts.ServedImages.Need;
import dev.hearth.imagecache.fixture.Commands;
import dev.hearth.imagecache.fixture.Layer;
import dev.hearth.imagecache.fixture.Layout;
import dev.hearth.imagecache.fixture.Tar;
import dev.hearth.imagecache.serve.EmbeddedRegistry;
import dev.hearth.testing.ManualClock;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stays in the cache and what goes. */
class KeepTest {
    private static final int KB = 1000;

    @TempDir Path temp;
    private final ManualClock clock = new ManualClock();
    private final Layer base = Layer.gzip(new Tar().file("base", "b".repeat(50 * KB)));
    private Layout layout;

    @BeforeEach
    void setUp() {
        layout = new Layout(temp.resolve("layout"));
    }

    /** As {@link #pull}; an hour passes. */
    private Digest pulled(ImageCache cache, String tag) {
        Digest image = pull(cache, tag);
        clock.advance(Duration.ofHours(1));
        return image;
    }

    /** An image of 100 kB on a base of 50, pulled now. */
    private Digest pull(ImageCache cache, String tag) {
        Layer own = Layer.gzip(new Tar().file(tag, tag.substring(0, 1).repeat(100 * KB)));
        layout.image(tag, base, own);
        ResolvedImage image = cache.resolve(layout.reference(tag));
        cache.prefetch(image);
        return image.digest();
    }

    private ImageCache open(String budget) {
        CacheOptions options = CacheOptions.in(temp.resolve("data"));
        ImageCache cache = ImageCache.open(options.with(DataSize.parse(budget)), clock);
        cache.serving(digest -> Need.NONE);
        return cache;
    }

    private static boolean has(ImageCache cache, Digest image) {
        return cache.images().images().stream().anyMatch(i -> i.digest().equals(image));
    }

    private static ServedImages serving(Digest image, int min) {
        Need need = min > 0 ? Need.ALWAYS : Need.SERVES;
        return digest -> digest.equals(image) ? need : Need.NONE;
    }

    @Test
    void budget_exceeded_whatWasNotUsedLongestGoes_untilItFits() {
        try (ImageCache cache = open("500k")) {
            Digest first = pulled(cache, "first");
            Digest second = pulled(cache, "second");
            Digest third = pulled(cache, "third");
            Digest fourth = pulled(cache, "fourth"); // 450 kB and what entries take
            cache.open(first); // used again, so the second is the oldest now
            clock.advance(Duration.ofHours(1));
            cache.keepToBudget();
            assertThat(has(cache, second)).isTrue(); // it fits

            Digest fifth = pulled(cache, "5ifth");
            cache.keepToBudget();

            assertThat(has(cache, second)).isFalse();
            assertThat(Stream.of(first, third, fourth, fifth)).allMatch(i -> has(cache, i));
            assertThat(cache.images().layerBytes()).isLessThan(500 * KB);
        }
    }

    @Test
    void budget_exceeded_runningMinimumAndJustUsedStay() {
        try (ImageCache cache = open("1k")) {
            Digest running = pull(cache, "running");
            Digest minimum = pull(cache, "minimum");
            Digest idle = pull(cache, "idle"); // all just used: nothing can go yet
            cache.running(() -> Set.of(running));
            cache.serving(serving(minimum, 1));
            clock.advance(Duration.ofHours(1));
            layout.image("justUsed", base); // a start that has no instance yet
            Digest justUsed = cache.resolve(layout.reference("justUsed")).digest();
            cache.bring(new ResolvedImage(layout.reference("justUsed"), justUsed));
            cache.keepToBudget();

            assertThat(has(cache, idle)).isFalse();
            assertThat(Stream.of(running, minimum, justUsed)).allMatch(i -> has(cache, i));
        }
    }

    @Test
    void budget_exceeded_aServiceAtZeroIsEvictedLast_andItsNextStartBringsItBack() {
        try (ImageCache cache = open("400k")) {
            Set<Digest> running = ConcurrentHashMap.newKeySet();
            cache.running(() -> running);
            Digest served = pull(cache, "served"); // the oldest, yet
            cache.prefetch(new ResolvedImage("registry.example/served:1", served)); // its name
            cache.serving(serving(served, 0));
            clock.advance(Duration.ofHours(1));
            Digest other = pulled(cache, "other");
            running.add(pulled(cache, "running")); // 350 kB: it fits

            running.add(pull(cache, "more"));
            clock.advance(Duration.ofHours(1));
            cache.keepToBudget();
            assertThat(has(cache, other)).isFalse();
            assertThat(has(cache, served)).isTrue();

            running.add(pull(cache, "fifth"));
            clock.advance(Duration.ofHours(1));
            cache.keepToBudget();
            assertThat(has(cache, served)).isFalse();
            assertThatThrownBy(() -> cache.open(served))
                    .isInstanceOfSatisfying(
                            HearthException.class,
                            e -> assertThat(e.reason()).isEqualTo("image-not-in-cache"));

            StoredImage back = cache.bring(new ResolvedImage(layout.reference("served"), served));
            assertThat(back.layers().getLast().resolve("served")).exists();
        }
    }

    @Test
    void budget_exceeded_aServiceAtZeroWhoseImageCameFromAFile_stays() {
        try (ImageCache cache = open("1k")) {
            Digest served = pull(cache, "served");
            cache.serving(serving(served, 0));
            clock.advance(Duration.ofHours(1));
            cache.keepToBudget();

            assertThat(has(cache, served)).isTrue(); // nobody promised to keep the file
        }
    }

    @Test
    void budget_exceeded_beforeItIsKnownWhatServes_everythingStays() {
        CacheOptions options = CacheOptions.in(temp.resolve("data"));
        try (ImageCache cache = ImageCache.open(options.with(DataSize.parse("1k")), clock)) {
            Digest image = pulled(cache, "early");
            cache.keepToBudget();
            assertThat(has(cache, image)).isTrue();

            cache.serving(digest -> Need.NONE);
            cache.keepToBudget();
            assertThat(has(cache, image)).isFalse();
        }
    }

    @Test
    void budget_notExceeded_uploadsThatNobodyGoesOnWithEndAllTheSame() throws Exception {
        CacheOptions options =
                CacheOptions.in(temp.resolve("data"))
                        .with(new EmbeddedRegistry.Settings(List.of("here"), "secret", 1 << 20));
        try (ImageCache cache = ImageCache.open(options, clock);
                HttpClient http = HttpClient.newHttpClient()) {
            int port = cache.registry().orElseThrow().getPort();
            HttpRequest begin =
                    HttpRequest.newBuilder(
                                    URI.create(
                                            "http://127.0.0.1:" + port + "/v2/app/blobs/uploads/"))
                            .header("Authorization", "Bearer secret")
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build();
            assertThat(http.send(begin, HttpResponse.BodyHandlers.discarding()).statusCode())
                    .isEqualTo(202);
            assertThat(children("registry/uploads")).hasSize(1);
            clock.advance(Duration.ofHours(2));

            cache.keepToBudget();

            assertThat(children("registry/uploads")).isEmpty();
        }
    }

    @Test
    void prune_removesWhatNobodyNeeds_andNoLayerOfWhatStays() throws IOException {
        try (ImageCache cache = open("1G")) {
            Digest kept = pulled(cache, "kept");
            Digest running = pulled(cache, "running");
            Digest unused = pulled(cache, "unused");
            cache.running(() -> Set.of(running));

            Pruned pruned = cache.prune(Set.of(kept));

            assertThat(pruned.images()).isEqualTo(1);
            assertThat(pruned.bytes()).isBetween(100L * KB, 110L * KB);
            assertThat(has(cache, unused)).isFalse();
            assertThat(cache.open(kept).layers()).allMatch(Files::isDirectory);
            assertThat(cache.open(running).layers()).allMatch(Files::isDirectory);
        }
        for (String kind : new String[] {"manifests", "configs", "uses"}) {
            assertThat(children("images/" + kind)).as(kind).hasSize(2);
        }
        assertThat(children("images/layers")).hasSize(3);
        assertThat(children("images/facts")).hasSize(3);
        assertThat(children("images/unpacking")).isEmpty();
    }

    @Test
    void images_areListedWithNamesSizesAndUses_alsoAfterARestart() {
        Digest one;
        Digest two;
        try (ImageCache cache = open("1G")) {
            one = pulled(cache, "one");
            two = pulled(cache, "two");
            cache.open(one);
        }
        clock.advance(Duration.ofDays(1));
        try (ImageCache cache = open("1G")) {
            assertThat(cache.images().images())
                    .containsExactly(
                            new ImageView(
                                    one,
                                    List.of(layout.reference("one")),
                                    150 * KB,
                                    50 * KB,
                                    clock.now().minus(Duration.ofDays(1)),
                                    false),
                            new ImageView(
                                    two,
                                    List.of(layout.reference("two")),
                                    150 * KB,
                                    50 * KB,
                                    clock.now()
                                            .minus(Duration.ofDays(1))
                                            .minus(Duration.ofHours(1)),
                                    false));
        }
    }

    @Test
    void images_aTagThatMoved_isTheNewImagesName() {
        try (ImageCache cache = open("1G")) {
            Digest old = pulled(cache, "tag");
            layout = new Layout(layout.directory());
            layout.image("tag", base);
            ResolvedImage moved = cache.resolve(layout.reference("tag"));
            cache.prefetch(moved);

            for (ImageView image : cache.images().images()) {
                assertThat(image.references())
                        .hasSize(image.digest().equals(moved.digest()) ? 1 : 0);
                assertThat(image.digest()).isIn(old, moved.digest());
            }
        }
    }

    @Test
    void pull_onAFullDisk_saysSo_makesRoomByEviction_andLeavesNothingHalfDone() throws Exception {
        Path data = Files.createDirectories(temp.resolve("data"));
        Commands.run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", data.toString());
        try (ImageCache cache = open("1G")) {
            Digest small = pulled(cache, "small");
            Digest running = pulled(cache, "running");
            cache.running(() -> Set.of(running));
            layout.image("huge", Layer.gzip(new Tar().file("huge", "h".repeat(2000 * KB))));
            ResolvedImage huge = cache.resolve(layout.reference("huge"));

            assertThatThrownBy(() -> cache.prefetch(huge))
                    .isInstanceOfSatisfying(
                            HearthException.class,
                            e -> {
                                assertThat(e.reason()).isEqualTo("disk-full");
                                assertThat(e.sentence()).contains("hearth images --prune");
                            });
            assertThat(has(cache, small)).isFalse(); // evicted in the attempt
            assertThat(cache.open(running).layers().getLast().resolve("running")).hasSize(100 * KB);
            assertThat(children("images/unpacking")).isEmpty();

            layout.image("fits", Layer.gzip(new Tar().file("fits", "f".repeat(500 * KB))));
            cache.prefetch(cache.resolve(layout.reference("fits")));
        } finally {
            Commands.run("umount", data.toString());
        }
    }

    private List<Path> children(String directory) throws IOException {
        try (Stream<Path> all = Files.list(temp.resolve("data").resolve(directory))) {
            return all.toList();
        }
    }
}
