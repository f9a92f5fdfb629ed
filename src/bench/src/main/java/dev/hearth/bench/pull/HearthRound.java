package dev.hearth.bench.pull;

import dev.hearth.bench.machine.Processes;
import dev.hearth.bench.machine.Tools;
import dev.hearth.bench.platform.PrivatePlatform;
import dev.hearth.contracts.Clock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * What one Hearth of the bench's own, fresh but for another image that it has pulled, took for
 * deploys through its admin API. A deploy is more than a pull: the image is also recorded, an
 * instance of it started and asked, and the revision stored.
 *
 * @param big of the image from an empty store; memory is what the JVM's resident set grew to beyond
 *     what it was before the first pull of all, so it bounds the heap's growth from above
 * @param aloneNanos of an image with one small layer
 * @param siblingNanos of an image with such a layer over a base that is there
 * @param cachedNanos of the same image under other names
 */
record HearthRound(Pulled big, long aloneNanos, long siblingNanos, long[] cachedNanos) {
    /** What a deploy leaves to be done afterwards (slots, a loaded one) is over by then. */
    private static final Duration BETWEEN_DEPLOYS = Duration.ofMillis(500);

    /** A tenth of a core. */
    private static final long RESTING_MICROS = 100_000;

    private static final int LONGEST_REST = 20;

    /**
     * Starts a platform, deploys, and stops it.
     *
     * @param turn rounds take the two small images by turns first
     * @param cached deploys of an image that is there
     * @param left is told the platform's directory, which stays
     */
    static HearthRound run(
            Path hearth,
            PullImages images,
            int turn,
            int cached,
            java.util.function.Consumer<Path> left,
            Clock clock)
            throws InterruptedException {
        PrivatePlatform platform = PrivatePlatform.start(hearth);
        try {
            Processes.forgetPeak(platform.pid());
            long before = Processes.resident(platform.pid());
            Deploys deploys = new Deploys(platform, images, clock);
            deploys.nanos("warm", PullImages.OTHER);
            deploys.nanos("warm-again", PullImages.OTHER);
            awaitRest(platform.pid());
            Tools.run("sync");
            long nanos = deploys.nanos("big", PullImages.BIG);
            Pulled big = new Pulled(nanos, Processes.peakResident(platform.pid()) - before);
            long aloneFirst = turn % 2 == 0 ? deploys.nanos("alone", PullImages.ALONE) : 0;
            long sibling = deploys.nanos("sibling", PullImages.SIBLING);
            long alone = aloneFirst > 0 ? aloneFirst : deploys.nanos("alone", PullImages.ALONE);
            long[] again = new long[cached];
            for (int i = 0; i < cached; i++) {
                Thread.sleep(BETWEEN_DEPLOYS); // one at a time, as people deploy
                again[i] = deploys.nanos("again-" + i, PullImages.BIG);
            }
            return new HearthRound(big, alone, sibling, again);
        } finally {
            left.accept(platform.stop());
        }
    }

    /** Until it has compiled what its start and the small image called for, as a daemon has. */
    private static void awaitRest(long pid) throws InterruptedException {
        for (int second = 0; second < LONGEST_REST; second++) {
            long before = Processes.cpuMicros(pid);
            Thread.sleep(Duration.ofSeconds(1));
            if (Processes.cpuMicros(pid) - before < RESTING_MICROS) {
                return;
            }
        }
    }

    /** Deploys with a clock beside. */
    private record Deploys(PrivatePlatform platform, PullImages images, Clock clock) {
        long nanos(String service, String image) {
            long begun = clock.nanos();
            platform.admin().deploy(service, images.reference(image), Map.of(), "1h");
            return clock.nanos() - begun;
        }
    }
}
