package dev.hearth.runtime.instance;

import dev.hearth.contracts.Cpu;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of the node's CPU is granted to its instances. What an instance asked for at its deploy
 * it always gets, and what it may have beyond that only from what nobody else has been granted: so
 * those that grow never take from those that do not, whoever decides how many of them there are.
 *
 * <p>Two that grow at the same moment may both be granted the last of it; weights settle that until
 * the next decision about either.
 */
final class CpuGrants {
    private final int coresMillis;
    private final AtomicLong granted = new AtomicLong();

    /**
     * @param coresMillis of the node, in thousandths of a core
     */
    CpuGrants(int coresMillis) {
        this.coresMillis = coresMillis;
    }

    /**
     * What an instance gets of what is wanted for it; noted by {@link #moved}.
     *
     * @param request what it always gets
     * @param now what it is granted already
     */
    Cpu of(Cpu wanted, Cpu request, int now) {
        if (wanted.millis() <= request.millis()) {
            return wanted;
        }
        return new Cpu(Math.clamp((long) free() + now, request.millis(), wanted.millis()));
    }

    /** A grant changed from {@code before} to {@code after}; 0 for none. */
    void moved(int before, int after) {
        granted.addAndGet(after - before);
    }

    /** Granted to nobody, in thousandths of a core; below 0 when more is granted than there is. */
    int free() {
        return Math.clamp(coresMillis - granted.get(), -Cpu.MOST_MILLIS, coresMillis);
    }
}
