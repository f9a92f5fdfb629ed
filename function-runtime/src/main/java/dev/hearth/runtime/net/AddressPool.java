package dev.hearth.runtime.net;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import java.util.BitSet;

/**
 * Hands out pairs of neighbouring IPv4 addresses (a /31, RFC 3021): the even one for the host's end
 * of a link, the odd one for the instance. Goes round, so that an address rests as long as possible
 * before it is used again and no late packet of a dead instance reaches a new one.
 */
final class AddressPool {
    private final int base;
    private final int pairs;
    private final BitSet taken = new BitSet();
    private int next;

    /**
     * @param base first address of the network, as a number
     * @param prefix its length, 16 to 30
     */
    AddressPool(int base, int prefix) {
        this.base = base;
        this.pairs = 1 << (31 - prefix);
    }

    /** The host's address of a free pair; the instance's is one more. */
    synchronized int take() {
        int free = taken.nextClearBit(next);
        if (free >= pairs) {
            free = taken.nextClearBit(0);
        }
        if (free >= pairs) {
            throw new HearthException(
                    ErrorKind.EXHAUSTED,
                    "no-address",
                    "all " + pairs + " instance addresses of this node are in use; stop something");
        }
        taken.set(free);
        next = free + 1;
        return base + 2 * free;
    }

    /** Takes the pair of a link that exists already; false when it is not ours or taken. */
    synchronized boolean takeAgain(int hostAddress) {
        int pair = (hostAddress - base) / 2;
        if (hostAddress < base || pair >= pairs || taken.get(pair)) {
            return false;
        }
        taken.set(pair);
        next = Math.max(next, pair + 1);
        return true;
    }

    synchronized void release(int hostAddress) {
        taken.clear((hostAddress - base) / 2);
    }

    /** {@code 10.83.0.1} for a number. */
    static String text(int address) {
        return (address >>> 24)
                + "."
                + ((address >>> 16) & 255)
                + "."
                + ((address >>> 8) & 255)
                + "."
                + (address & 255);
    }
}
