package dev.hearth.gateway.usage;

import dev.hearth.contracts.InstanceId;
import org.jspecify.annotations.Nullable;

/**
 * What one instance is billed for: everything is counted once, on its revision's meter, and
 * itemised. Any thread may do so at any time.
 */
public final class Tab {
    private final Meter meter;
    private final Items items;
    private final InstanceId instance;
    private volatile @Nullable Subject subject;

    /** What its items are of in one file, for one hour. */
    private record Subject(ItemFile file, MeterSlot slot, int number) {}

    Tab(Meter meter, Items items, InstanceId instance) {
        this.meter = meter;
        this.items = items;
        this.instance = instance;
    }

    /**
     * Octets have been sent of an answer that goes on.
     *
     * @param beginNanos when the instance got the request, on the clock
     */
    public void egress(long beginNanos, long bytes) {
        MeterSlot slot = meter.slot();
        slot.addEgress(bytes);
        put(slot, ItemKind.EGRESS, beginNanos, 0, bytes, 0);
    }

    /**
     * A request is over that the instance had.
     *
     * @param beginNanos when the instance got it, on the clock
     * @param egressBytes that were sent of its answer, but for those that {@link #egress} was told
     */
    public void request(long beginNanos, long endNanos, int status, long egressBytes) {
        MeterSlot slot = meter.slot();
        slot.addRequest();
        if (egressBytes > 0) {
            slot.addEgress(egressBytes);
        }
        put(slot, ItemKind.REQUEST, beginNanos, endNanos - beginNanos, egressBytes, status);
    }

    /** The instance is billed for so much more time. */
    public void billed(long fromNanos, long nanos) {
        MeterSlot slot = meter.slot();
        slot.addBilled(nanos);
        put(slot, ItemKind.BILLED, fromNanos, nanos, 0, 0);
    }

    /** The instance, one of a minimum, is billed for so much more idle time. */
    public void idle(long fromNanos, long nanos) {
        MeterSlot slot = meter.slot();
        slot.addIdle(nanos);
        put(slot, ItemKind.IDLE, fromNanos, nanos, 0, 0);
    }

    private void put(
            MeterSlot slot, ItemKind kind, long fromNanos, long nanos, long bytes, int status) {
        ItemFile file = items.file();
        while (file != null) {
            Subject of = subject;
            if (of == null || of.file != file || of.slot != slot) {
                int number = file.subject(meter.revision(), instance, slot.hour());
                of = new Subject(file, slot, number);
                subject = of;
            }
            long from = items.epochNanos(fromNanos);
            if (of.number >= 0 && file.put(of.number, kind, from, nanos, bytes, status)) {
                return;
            }
            file = items.after(file);
        }
    }
}
