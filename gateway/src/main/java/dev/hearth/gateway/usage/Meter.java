package dev.hearth.gateway.usage;

import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.RevisionSpec;

/**
 * What one revision is billed for. Each hour is counted in a slot of its own, so that what was
 * counted is on the bill of the hour in which it was, and in no other.
 */
public final class Meter {
    private final RevisionSpec revision;
    private final Items items;
    private volatile MeterSlot slot;

    Meter(RevisionSpec revision, MeterSlot slot, Items items) {
        this.revision = revision;
        this.slot = slot;
        this.items = items;
    }

    /** One that nobody reads. */
    public static Meter unread(RevisionSpec revision) {
        return new Meter(revision, MeterSlot.unread(), Items.NONE);
    }

    /** Where what an instance of the revision does is put down. */
    public Tab tab(InstanceId instance) {
        return new Tab(this, items, instance);
    }

    /** Of this hour so far. */
    public long requests() {
        return slot.requests();
    }

    /** Of this hour so far. */
    public long billedNanos() {
        return slot.billedNanos();
    }

    /** Of this hour so far. */
    public long idleNanos() {
        return slot.idleNanos();
    }

    /** Of this hour so far. */
    public long egressBytes() {
        return slot.egressBytes();
    }

    RevisionSpec revision() {
        return revision;
    }

    /** Where it counts now. */
    MeterSlot slot() {
        return slot;
    }

    /** Counts there from now on; gives the slot back that it counted in before. */
    MeterSlot turn(MeterSlot next) {
        MeterSlot before = slot;
        slot = next;
        return before;
    }
}
