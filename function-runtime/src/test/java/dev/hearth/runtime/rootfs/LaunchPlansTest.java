package dev.hearth.runtime.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.contracts.Digest;
import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.imagecache.ImageConfig;
import dev.hearth.imagecache.ImageStore;
import dev.hearth.imagecache.StoredImage;
import dev.hearth.runtime.net.Resolvers;
import dev.hearth.testing.Revisions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaunchPlansTest {
    @TempDir Path layers;

    @Test
    void of_everyStart_asksForTheImage_soThatAnEvictedOneComesBack() throws Exception {
        Path layer = Files.createDirectories(layers.resolve("0".repeat(64)));
        RevisionSpec revision = Revisions.of("hello", 80, 10);
        List<String> asked = new ArrayList<>();
        ImageStore store =
                new ImageStore() {
                    @Override
                    public StoredImage open(Digest manifest) {
                        throw new HearthException(ErrorKind.NOT_FOUND, "image-not-in-cache", "");
                    }

                    @Override
                    public StoredImage bring(ResolvedImage image) {
                        Digest manifest = image.digest();
                        asked.add(image.reference() + " " + manifest);
                        if (asked.size() > 2) {
                            throw new HearthException(
                                    ErrorKind.UNAVAILABLE, "registry-unavailable", "away");
                        }
                        return new StoredImage(
                                manifest,
                                new ImageConfig(
                                        List.of(),
                                        List.of("/app"),
                                        List.of(),
                                        "",
                                        "/",
                                        Set.of(),
                                        Map.of()),
                                List.of(layer),
                                0);
                    }
                };
        LaunchPlans plans = new LaunchPlans(store, Resolvers.find(List.of()));

        LaunchPlan first = plans.of(revision);
        assertThat(plans.of(revision)).isSameAs(first);
        assertThat(asked)
                .containsExactly(
                        revision.image() + " " + revision.digest(),
                        revision.image() + " " + revision.digest());
        assertThatThrownBy(() -> plans.of(revision)) // a known plan of an image that is gone
                .isInstanceOfSatisfying(
                        HearthException.class,
                        e -> assertThat(e.reason()).isEqualTo("registry-unavailable"));
    }
}
