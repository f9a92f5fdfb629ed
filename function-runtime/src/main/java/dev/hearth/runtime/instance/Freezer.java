package dev.hearth.runtime.instance;

import dev.hearth.contracts.Warmth;
import dev.hearth.runtime.cgroup.Cgroup;
import dev.hearth.runtime.cgroup.Swap;
import java.io.IOException;

/**
 * Whether an instance's processes run or stand, and where its memory is.
 *
 * <p>Concurrency: a wish costs nothing, {@link #apply} makes the newest one so, one caller after
 * the other. A freeze or a paging under way gives up when it is no longer wished for, so that a
 * request waits for a thaw and for nothing else.
 */
final class Freezer {
    /** Pushed out at a time; a request that comes meanwhile waits for so much at most. */
    private static final long PIECE_BYTES = 4 << 20;

    private final Cgroup group;
    private volatile Warmth wanted = Warmth.IDLE;
    private volatile boolean released;

    // guarded by this
    private Warmth now = Warmth.IDLE;

    Freezer(Cgroup group) {
        this.group = group;
    }

    /** Of a group that an earlier run may have left frozen. */
    static Freezer adopting(Cgroup group) throws IOException {
        Freezer freezer = new Freezer(group);
        group.endPaging();
        if (group.isFrozen()) {
            freezer.now = Warmth.FROZEN;
            freezer.wanted = Warmth.FROZEN;
        } else {
            group.thaw(); // it may have been on its way
        }
        return freezer;
    }

    /** Wishes for a rung: FROZEN, PAGED, or any other to run. */
    void want(Warmth warmth) {
        wanted = warmth;
    }

    private boolean isToStand() {
        return wanted.isFrozen() && !released;
    }

    /** Lets it run from now on, whatever anybody wishes. */
    void release() throws IOException {
        released = true;
        apply();
    }

    /** Makes the newest wish so; where it stands then. */
    synchronized Warmth apply() throws IOException {
        if (!isToStand()) {
            thaw();
            return now;
        }
        if (!now.isFrozen() && group.canFreeze() && group.freeze(this::isToStand)) {
            now = Warmth.FROZEN;
        }
        if (now == Warmth.FROZEN && wanted == Warmth.PAGED && Swap.freeBytes() > 0) {
            pageOut();
        }
        return now;
    }

    private void thaw() throws IOException {
        if (now.isFrozen()) {
            group.thaw();
            boolean paged = now == Warmth.PAGED;
            now = Warmth.IDLE;
            if (paged) {
                group.endPaging();
            }
        }
    }

    private void pageOut() throws IOException {
        now = Warmth.PAGED; // from the first piece on
        boolean more = true;
        while (more && isToStand() && wanted == Warmth.PAGED && Swap.freeBytes() > 0) {
            more = group.pageOut(Math.min(PIECE_BYTES, Swap.freeBytes()));
        }
    }
}
