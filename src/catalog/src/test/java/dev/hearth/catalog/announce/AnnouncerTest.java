package dev.hearth.catalog.announce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.catalog.FakeImages;
import dev.hearth.catalog.FakeTraffic;
import dev.hearth.contracts.ContainerSpec;
import dev.hearth.contracts.Cpu;
import dev.hearth.contracts.DataSize;
import dev.hearth.contracts.Digest;
import dev.hearth.contracts.Egress;
import dev.hearth.contracts.Invokers;
import dev.hearth.contracts.Resources;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.RevisionSpec;
import dev.hearth.contracts.Route;
import dev.hearth.contracts.Scaling;
import dev.hearth.contracts.ServedImages.Need;
import dev.hearth.contracts.ServiceName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnnouncerTest {
    private static final ServiceName A = new ServiceName("a");
    private static final ServiceName B = new ServiceName("b");
    private static final Digest ONE = Digest.sha256("1".repeat(64));
    private static final Digest TWO = Digest.sha256("2".repeat(64));

    private final FakeTraffic traffic = new FakeTraffic();
    private final FakeImages images = new FakeImages();
    private final Announcer announcer = new Announcer(traffic, images);

    private static RevisionSpec revision(ServiceName service, int number, Digest image, int min) {
        return new RevisionSpec(
                RevisionName.of(service, number, "abc"),
                service,
                "oci:/image",
                image,
                new ContainerSpec(List.of(), List.of(), Map.of(), 8080),
                new Resources(new Cpu(1000), DataSize.mebibytes(64)),
                new Scaling(80, min, 10, Duration.ofSeconds(60)),
                Egress.DEFAULT,
                Duration.ofSeconds(300),
                Instant.parse("2026-01-01T00:00:00Z"));
    }

    private static Route to(RevisionSpec revision) {
        return Route.to(revision);
    }

    @Test
    void routes_andGone_onlyThatServiceIsTold() {
        announcer.all(Map.of(A, to(revision(A, 1, ONE, 0))));
        RevisionSpec b = revision(B, 1, TWO, 0);

        announcer.routes(B, to(b));
        assertThat(traffic.serving()).containsOnlyKeys(A, B).containsEntry(B, b);
        announcer.gone(A);

        assertThat(traffic.serving()).containsOnlyKeys(B);
        assertThat(traffic.tables()).isEqualTo(1);
    }

    @Test
    void need_followsEachChange() {
        announcer.all(Map.of(A, to(revision(A, 1, ONE, 0))));
        assertThat(images.need(ONE)).isEqualTo(Need.SERVES);
        assertThat(images.need(TWO)).isEqualTo(Need.NONE);

        announcer.routes(B, to(revision(B, 1, ONE, 1))); // both have it, one of them always
        assertThat(images.need(ONE)).isEqualTo(Need.ALWAYS);
        announcer.routes(B, to(revision(B, 2, TWO, 1)));
        assertThat(images.need(ONE)).isEqualTo(Need.SERVES);
        assertThat(images.need(TWO)).isEqualTo(Need.ALWAYS);
        announcer.gone(A);
        assertThat(images.need(ONE)).isEqualTo(Need.NONE);
    }

    @Test
    void need_twoRevisionsOfAServiceWithOneImage_untilBothAreGone() {
        Route both =
                new Route(
                        Invokers.ANYONE,
                        List.of(
                                new Route.Share(revision(A, 1, ONE, 0), 50, List.of()),
                                new Route.Share(revision(A, 2, ONE, 0), 50, List.of())));
        announcer.all(Map.of(A, both));

        announcer.routes(A, to(revision(A, 2, ONE, 0)));
        assertThat(images.need(ONE)).isEqualTo(Need.SERVES);
        announcer.gone(A);
        announcer.gone(A); // told twice

        assertThat(images.need(ONE)).isEqualTo(Need.NONE);
    }

    @Test
    void need_allReadAnew_countedOnce() {
        announcer.all(Map.of(A, to(revision(A, 1, ONE, 1)), B, to(revision(B, 1, TWO, 0))));
        announcer.all(Map.of(A, to(revision(A, 1, ONE, 1))));

        assertThat(images.need(ONE)).isEqualTo(Need.ALWAYS);
        assertThat(images.need(TWO)).isEqualTo(Need.NONE);
        announcer.gone(A);
        assertThat(images.need(ONE)).isEqualTo(Need.NONE);
    }

    @Test
    void unlessChanged_ofAService_onlyItsOwnChangesAndEndsCount() {
        announcer.all(Map.of(A, to(revision(A, 1, ONE, 0))));
        long seen = announcer.changes(A);

        announcer.routes(B, to(revision(B, 1, TWO, 0)));
        assertThat(announcer.unlessChanged(A, seen, () -> {})).isTrue();
        announcer.routes(A, to(revision(A, 2, ONE, 0)));
        assertThat(announcer.unlessChanged(A, seen, () -> {})).isFalse();

        long again = announcer.changes(A);
        announcer.gone(A);
        assertThat(announcer.unlessChanged(A, again, () -> {})).isFalse();
        announcer.routes(A, to(revision(A, 3, ONE, 0)));
        assertThat(announcer.unlessChanged(A, again, () -> {})).isFalse();

        long last = announcer.changes(A);
        announcer.all(Map.of());
        assertThat(announcer.unlessChanged(A, last, () -> {})).isFalse();
    }
}
