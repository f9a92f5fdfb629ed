package dev.hearth.gateway.usage;

import dev.hearth.contracts.Billing;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.RevisionSpec;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Items, one behind the other, in a file that is mapped into memory: an item that is put there is
 * there when this process is killed. Putting one takes an atomic addition, which finds it a place,
 * and no lock; its first word is written last, so that one that is half written is none. The file
 * has all of its blocks from the beginning, since a full disk could not be told to who writes into
 * memory.
 *
 * <p>All numbers are of eight octets and as this machine writes them. The file begins with {@link
 * #MAGIC}, where the next item goes, and when the file was taken into use. An item is a word (kind,
 * status and subject), when it began (nanoseconds since 1970), how long it took, and octets. A
 * subject takes the place of six: its hour since 1970, thousandths of a CPU, octets of memory,
 * whether instances are billed, and three texts.
 */
final class ItemFile {
    static final long MAGIC = 0x0001_4D45_5449_5748L; // HWITEM, version 1
    static final int HEADER_BYTES = 64;
    static final int ITEM_BYTES = 32;
    static final int SUBJECT_BYTES = 6 * ITEM_BYTES;

    /** A quarter of a million items. */
    static final int FILE_BYTES = 8 << 20;

    private static final int WRITE_BYTES = 1 << 20;

    static final long POSITION = 8;
    static final long BEGUN = 16;

    static final int FROM = 8;
    static final int NANOS = 16;
    static final int OCTETS = 24;

    static final int HOUR = 8;
    static final int CPU_MILLIS = 16;
    static final int MEMORY = 24;
    static final int BY_INSTANCE = 32;
    static final int INSTANCE = 40;
    static final int SERVICE = 56;
    static final int REVISION = 120;
    static final int NAME_BYTES = 64;
    static final int INSTANCE_BYTES = 16;

    static final int KIND_SHIFT = 56;
    static final int STATUS_SHIFT = 32;

    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private final Path path;
    private final MemorySegment memory;

    private ItemFile(Path path, MemorySegment memory) {
        this.path = path;
        this.memory = memory;
    }

    /** A new one, not in use yet. */
    static ItemFile create(Path path) throws IOException {
        try (FileChannel channel =
                FileChannel.open(
                        path,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE_NEW)) {
            ByteBuffer zeros = ByteBuffer.allocateDirect(WRITE_BYTES);
            for (long at = 0; at < FILE_BYTES; ) {
                at += channel.write(zeros.clear(), at);
            }
            // unmapped when nobody can put anything there any more
            MemorySegment memory =
                    channel.map(FileChannel.MapMode.READ_WRITE, 0, FILE_BYTES, Arena.ofAuto());
            memory.set(ValueLayout.JAVA_LONG, POSITION, HEADER_BYTES);
            memory.set(ValueLayout.JAVA_LONG, 0, MAGIC);
            return new ItemFile(path, memory);
        }
    }

    Path path() {
        return path;
    }

    /** It is taken into use. */
    void begin(long epochMillis) {
        LONG.setRelease(memory, BEGUN, epochMillis);
    }

    long begunMillis() {
        return (long) LONG.getAcquire(memory, BEGUN);
    }

    boolean isEmpty() {
        return (long) LONG.getAcquire(memory, POSITION) == HEADER_BYTES;
    }

    /**
     * Makes a subject known; gives the number that its items have, or -1 when the file is full.
     *
     * @param hour since 1970
     */
    int subject(RevisionSpec revision, InstanceId instance, long hour) {
        long at = (long) LONG.getAndAdd(memory, POSITION, (long) SUBJECT_BYTES);
        if (at + SUBJECT_BYTES > FILE_BYTES) {
            return -1;
        }
        LONG.setRelease(memory, at, (long) ItemKind.HALF.number() << KIND_SHIFT);
        set(at + HOUR, hour);
        set(at + CPU_MILLIS, revision.resources().cpu().millis());
        set(at + MEMORY, revision.resources().memory().bytes());
        set(at + BY_INSTANCE, revision.resources().billing() == Billing.INSTANCE ? 1 : 0);
        set(at + INSTANCE, INSTANCE_BYTES, instance.value());
        set(at + SERVICE, NAME_BYTES, revision.service().value());
        set(at + REVISION, NAME_BYTES, revision.name().label());
        LONG.setRelease(memory, at, (long) ItemKind.SUBJECT.number() << KIND_SHIFT);
        return (int) (at / ITEM_BYTES);
    }

    /** Puts an item there; whether there was room for it. */
    boolean put(int subject, ItemKind kind, long from, long nanos, long octets, int status) {
        long at = (long) LONG.getAndAdd(memory, POSITION, (long) ITEM_BYTES);
        if (at + ITEM_BYTES > FILE_BYTES) {
            return false;
        }
        set(at + FROM, from);
        set(at + NANOS, nanos);
        set(at + OCTETS, octets);
        long head =
                (long) kind.number() << KIND_SHIFT
                        | (status & 0xFFFFL) << STATUS_SHIFT
                        | subject & 0xFFFF_FFFFL;
        LONG.setRelease(memory, at, head);
        return true;
    }

    private void set(long at, long value) {
        LONG.set(memory, at, value);
    }

    private void set(long at, int most, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(
                bytes, 0, memory, ValueLayout.JAVA_BYTE, at, Math.min(most, bytes.length));
    }
}
