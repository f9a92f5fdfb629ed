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
    /** Three times the services that there may be; 16 MiB, of which what is used takes memory. */
    static final int MOST = 65_536;

    private final MemorySegment file;
    private final List<Meter> left = new ArrayList<>();
    private final Deque<Integer> free = new ArrayDeque<>();
    private int begun;

    private Meters(MemorySegment file) {
        this.file = file;
    }

    static Meters open(Path path) throws IOException {
        Files.createDirectories(path.getParent());
        long size = (long) MOST * Meter.SLOT_BYTES;
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
            meters.findLeft((int) Math.min(MOST, used / Meter.SLOT_BYTES));
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

    private Meter at(int index) {
        return new Meter(file.asSlice((long) index * Meter.SLOT_BYTES, Meter.SLOT_BYTES));
    }

    /** What an earlier process counted and did not write down to the end. */
    List<Meter> left() {
        return List.copyOf(left);
    }

    /** A count of a revision, at zero; throws EXHAUSTED {@code too-many-meters}. */
    synchronized Meter begin(RevisionSpec revision) {
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
        Meter meter = at(index);
        meter.begin(
                UUID.randomUUID(),
                revision.service().value(),
                revision.name().value(),
                revision.resources().cpu().millis(),
                revision.resources().memory().bytes());
        return meter;
    }

    /** Gives a slot back when its last record is written. */
    synchronized void end(Meter meter) {
        meter.end();
        free.add((int) (meter.offsetIn(file) / Meter.SLOT_BYTES));
    }
}
