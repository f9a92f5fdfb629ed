package dev.hearth.gateway.usage;

import dev.hearth.contracts.Billing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads an {@link ItemFile} from its beginning, also while items are put there. */
final class ItemReader {
    private static final int READ_BYTES = 1 << 20;

    /** Whose an item is. */
    record Subject(
            String service,
            String revision,
            String instance,
            long hour,
            int cpuMillis,
            long memoryBytes,
            Billing billing) {}

    /**
     * An item.
     *
     * @param from when it began, nanoseconds since 1970
     */
    record Item(Subject subject, ItemKind kind, long from, long nanos, long octets, int status) {}

    /** Takes items, in the order of their ends. */
    interface Taker {
        void take(Item item);
    }

    private final Predicate<Subject> wanted;
    private final Taker taker;
    private final Map<Integer, Subject> subjects = new HashMap<>();

    private ItemReader(Predicate<Subject> wanted, Taker taker) {
        this.wanted = wanted;
        this.taker = taker;
    }

    /** Gives each item of a wanted subject; one that nobody has written to its end is none. */
    static void read(Path path, Predicate<Subject> wanted, Taker taker) throws IOException {
        ItemReader reader = new ItemReader(wanted, taker);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            reader.read(channel);
        } catch (NoSuchFileException gone) {
            // it has become too old meanwhile
        }
    }

    private void read(FileChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES).order(ByteOrder.nativeOrder());
        buffer.limit(ItemFile.HEADER_BYTES);
        if (!fill(channel, buffer, 0) || buffer.getLong(0) != ItemFile.MAGIC) {
            return;
        }
        long end = Math.min(buffer.getLong((int) ItemFile.POSITION), ItemFile.FILE_BYTES);
        long at = ItemFile.HEADER_BYTES;
        while (at < end) {
            buffer.clear();
            buffer.limit((int) Math.min(READ_BYTES, end - at));
            if (!fill(channel, buffer, at)) {
                return;
            }
            int taken = takeAll(buffer, at);
            if (taken == 0) {
                return; // the end of a subject is missing
            }
            at += taken;
        }
    }

    /** Whether all of it could be read. */
    private static boolean fill(FileChannel channel, ByteBuffer buffer, long at)
            throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, at + buffer.position()) < 0) {
                return false;
            }
        }
        return true;
    }

    /** Takes what is whole; how many octets that is. */
    private int takeAll(ByteBuffer buffer, long base) {
        int at = 0;
        while (at + ItemFile.ITEM_BYTES <= buffer.limit()) {
            long head = buffer.getLong(at);
            ItemKind kind = ItemKind.of((int) (head >>> ItemFile.KIND_SHIFT));
            boolean isSubject = kind == ItemKind.SUBJECT || kind == ItemKind.HALF;
            int length = isSubject ? ItemFile.SUBJECT_BYTES : ItemFile.ITEM_BYTES;
            if (at + length > buffer.limit()) {
                return at;
            }
            if (kind == ItemKind.SUBJECT) {
                subjects.put((int) ((base + at) / ItemFile.ITEM_BYTES), subject(buffer, at));
            } else if (kind != null && !isSubject) {
                take(buffer, at, head, kind);
            }
            at += length;
        }
        return at;
    }

    private void take(ByteBuffer buffer, int at, long head, ItemKind kind) {
        @Nullable Subject subject = subjects.get((int) head);
        if (subject != null && wanted.test(subject)) {
            taker.take(
                    new Item(
                            subject,
                            kind,
                            buffer.getLong(at + ItemFile.FROM),
                            buffer.getLong(at + ItemFile.NANOS),
                            buffer.getLong(at + ItemFile.OCTETS),
                            (int) (head >>> ItemFile.STATUS_SHIFT) & 0xFFFF));
        }
    }

    private static Subject subject(ByteBuffer buffer, int at) {
        return new Subject(
                text(buffer, at + ItemFile.SERVICE, ItemFile.NAME_BYTES),
                text(buffer, at + ItemFile.REVISION, ItemFile.NAME_BYTES),
                text(buffer, at + ItemFile.INSTANCE, ItemFile.INSTANCE_BYTES),
                buffer.getLong(at + ItemFile.HOUR),
                (int) buffer.getLong(at + ItemFile.CPU_MILLIS),
                buffer.getLong(at + ItemFile.MEMORY),
                buffer.getLong(at + ItemFile.BY_INSTANCE) == 1
                        ? Billing.INSTANCE
                        : Billing.REQUEST);
    }

    private static String text(ByteBuffer buffer, int at, int most) {
        int length = 0;
        while (length < most && buffer.get(at + length) != 0) {
            length++;
        }
        byte[] bytes = new byte[length];
        buffer.get(at, bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
