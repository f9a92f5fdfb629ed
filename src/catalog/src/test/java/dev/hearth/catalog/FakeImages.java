package dev.hearth.catalog;

import dev.hearth.contracts.Digest;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.ImagePort;
import dev.hearth.contracts.ProjectName;
import dev.hearth.contracts.ResolvedImage;
import dev.hearth.contracts.ServedImages;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** An image store that has every image, unless told to fail or to wait. */
@Singleton
public class FakeImages implements ImagePort {
    static final Digest DIGEST = Digest.sha256("ab".repeat(32));

    final List<String> calls = new CopyOnWriteArrayList<>();
    volatile Optional<HearthException> resolveFailure = Optional.empty();
    volatile Optional<HearthException> prefetchFailure = Optional.empty();
    volatile Optional<CountDownLatch> gate = Optional.empty();

    volatile ServedImages served = digest -> ServedImages.Need.NONE;

    /** How much an image is needed, as it was told last. */
    public ServedImages.Need need(Digest manifest) {
        return served.need(manifest);
    }

    void reset() {
        calls.clear();
        resolveFailure = Optional.empty();
        prefetchFailure = Optional.empty();
        gate = Optional.empty();
    }

    @Override
    public ResolvedImage resolve(ProjectName project, String reference) {
        calls.add("resolve " + reference + (Thread.currentThread().isVirtual() ? "" : " BLOCKS"));
        resolveFailure.ifPresent(
                e -> {
                    throw e;
                });
        return new ResolvedImage(reference, DIGEST, project);
    }

    @Override
    public void prefetch(ResolvedImage image) {
        calls.add("prefetch " + image.reference());
        gate.ifPresent(FakeImages::await);
        prefetchFailure.ifPresent(
                e -> {
                    throw e;
                });
    }

    @Override
    public void serving(ServedImages images) {
        served = images;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
