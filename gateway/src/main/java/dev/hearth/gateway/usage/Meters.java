package dev.hearth.gateway.usage;

import dev.hearth.contracts.ErrorKind;
import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.RevisionSpec;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;

/**
 * The slots of all meters, in one sparse file that is mapped for as long as the process lives. What
 * an earlier process left in it is handed over once, by {@link #left}.
 */
final class Meters {
    /**
     * Three times the services that there may be, twice, for when the hour turns; 32 MiB, of which
     * what is used takes memory.
     */
    static final int MOST = 131_072;

    private final MemorySegment file;
    private final List<MeterSlot> left = new ArrayList<>();
    private final Deque<Integer> free = new ArrayDeque<>();
    private int begun;

    private Meters(MemorySegment file) {
        this.file = file;
    }

    static Meters open(Path path) throws IOException {
        Files.createDirectories(path.getParent());
        long size = (long) MOST * MeterSlot.SLOT_BYTES;
        try (FileChannel channel =
                FileChannel.open(
                        path,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE)) {
            long used = channel.size();
            // never unmapped while anybody counts: requests may end after everything else has
            Meters meters =
                    new Meters(
                            channel.map(FileChannel.MapMode.READ_WRITE, 0, size, Arena.ofAuto()));
            meters.findLeft((int) Math.min(MOST, used / MeterSlot.SLOT_BYTES));
            return meters;
        }
    }

    private void findLeft(int slots) {
        for (int i = 0; i < slots; i++) {
            if (at(i).isUsed()) {
                while (begun < i) {
                    free.add(begun++);
                }
                begun = i + 1;
                left.add(at(i));
            }
        }
    }

    private MeterSlot at(int index) {
        return new MeterSlot(
                file.asSlice((long) index * MeterSlot.SLOT_BYTES, MeterSlot.SLOT_BYTES));
    }

    /** What an earlier process counted and did not write down to the end. */
    List<MeterSlot> left() {
        return List.copyOf(left);
    }

    /** Whether another one can begin. */
    synchronized boolean hasRoom() {
        return begun < MOST || !free.isEmpty();
    }

    /**
     * A count of a revision, at zero; throws EXHAUSTED {@code too-many-meters}.
     *
     * @param hour since 1970 that it is of
     */
    synchronized MeterSlot begin(RevisionSpec revision, long hour) {
        Integer index = free.poll();
        if (index == null) {
            if (begun == MOST) {
                throw new HearthException(
                        ErrorKind.EXHAUSTED,
                        "too-many-meters",
                        "usage of more than " + MOST + " revisions cannot be counted at a time");
            }
            index = begun++;
        }
        MeterSlot meter = at(index);
        meter.begin(UUID.randomUUID(), revision, hour);
        return meter;
    }

    /** Gives a slot back when its last record is written. */
    synchronized void end(MeterSlot meter) {
        meter.end();
        free.add((int) (meter.offsetIn(file) / MeterSlot.SLOT_BYTES));
    }
}
