package dev.hearth.gateway.usage;

import dev.hearth.contracts.Billing;
import dev.hearth.contracts.RevisionSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * What one revision is billed for in one hour, counted in a slot of a file that is mapped into
 * memory: what is counted is there when this process is killed, since the pages are the kernel's.
 * Counting is an atomic addition, from any thread; the counts only grow.
 */
final class MeterSlot {
    /** Bytes of a slot; a multiple of a cache line, so that busy meters do not share one. */
    static final int SLOT_BYTES = 256;

    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private static final long USED = 0;
    private static final long ID_HIGH = 8;
    private static final long ID_LOW = 16;
    private static final long SEQUENCE = 24;
    private static final long REQUESTS = 32;
    private static final long BILLED_NANOS = 40;
    private static final long EGRESS = 48;
    private static final long CPU_MILLIS = 56;
    private static final long MEMORY = 64;
    private static final int REVISION = 72;
    private static final int SERVICE = 144;
    private static final int MOST_NAME = 63;
    private static final long IDLE_NANOS = 208;
    private static final long BY_INSTANCE = 216;
    private static final long HOUR = 224;

    private final MemorySegment slot;

    MeterSlot(MemorySegment slot) {
        this.slot = slot;
    }

    /** One that nobody reads. */
    static MeterSlot unread() {
        return new MeterSlot(MemorySegment.ofArray(new long[SLOT_BYTES / 8]));
    }

    void addRequest() {
        LONG.getAndAdd(slot, REQUESTS, 1L);
    }

    void addEgress(long bytes) {
        LONG.getAndAdd(slot, EGRESS, bytes);
    }

    void addBilled(long nanos) {
        LONG.getAndAdd(slot, BILLED_NANOS, nanos);
    }

    void addIdle(long nanos) {
        LONG.getAndAdd(slot, IDLE_NANOS, nanos);
    }

    long requests() {
        return get(REQUESTS);
    }

    long billedNanos() {
        return get(BILLED_NANOS);
    }

    long idleNanos() {
        return get(IDLE_NANOS);
    }

    long egressBytes() {
        return get(EGRESS);
    }

    /** All counts together, to see whether one has moved. */
    long sum() {
        return requests() + billedNanos() + idleNanos() + egressBytes();
    }

    /** Where in the file it is. */
    long offsetIn(MemorySegment file) {
        return slot.address() - file.address();
    }

    boolean isUsed() {
        return get(USED) == 1;
    }

    /**
     * Begins a count at zero.
     *
     * @param hour since 1970 that it is of
     */
    void begin(UUID id, RevisionSpec revision, long hour) {
        slot.fill((byte) 0);
        set(ID_HIGH, id.getMostSignificantBits());
        set(ID_LOW, id.getLeastSignificantBits());
        set(CPU_MILLIS, revision.resources().cpu().millis());
        set(MEMORY, revision.resources().memory().bytes());
        set(BY_INSTANCE, revision.resources().billing() == Billing.INSTANCE ? 1 : 0);
        set(HOUR, hour);
        setText(REVISION, revision.name().label()); // the service tells the project
        setText(SERVICE, revision.service().value());
        LONG.setRelease(slot, USED, 1L); // last: a slot that is half made is none
    }

    void end() {
        LONG.setRelease(slot, USED, 0L);
    }

    UUID id() {
        return new UUID(get(ID_HIGH), get(ID_LOW));
    }

    String service() {
        return text(SERVICE);
    }

    String revision() {
        return text(REVISION);
    }

    int cpuMillis() {
        return (int) get(CPU_MILLIS);
    }

    long memoryBytes() {
        return get(MEMORY);
    }

    boolean isByInstance() {
        return get(BY_INSTANCE) == 1;
    }

    /** Since 1970; 0 for one that a release began whose meters were of no hour. */
    long hour() {
        return get(HOUR);
    }

    /** The next record's; each is given once, by whichever process. */
    long nextSequence() {
        return (long) LONG.getAndAdd(slot, SEQUENCE, 1L) + 1;
    }

    private long get(long offset) {
        return (long) LONG.getAcquire(slot, offset);
    }

    private void set(long offset, long value) {
        LONG.setRelease(slot, offset, value);
    }

    private void setText(int offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        if (bytes.length > MOST_NAME) {
            throw new IllegalArgumentException(text + " is longer than " + MOST_NAME);
        }
        slot.set(ValueLayout.JAVA_BYTE, offset, (byte) bytes.length);
        MemorySegment.copy(bytes, 0, slot, ValueLayout.JAVA_BYTE, offset + 1, bytes.length);
    }

    private String text(int offset) {
        byte[] bytes = new byte[Math.clamp(slot.get(ValueLayout.JAVA_BYTE, offset), 0, MOST_NAME)];
        MemorySegment.copy(slot, ValueLayout.JAVA_BYTE, offset + 1, bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
