package dev.hearth.gateway.usage;

import dev.hearth.contracts.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The items of the bill, for as long and on as much disk as they are kept. The next file is made
 * before it is needed, since whoever puts an item must not wait for a disk; an item that finds no
 * room is counted as lost, and is on the bill without being itemised.
 */
final class Items {
    /** Keeps none. */
    static final Items NONE = new Items(null, Retention.NONE, Clock.system());

    private static final Duration LONGEST_USE = Duration.ofDays(1);
    private static final String PREFIX = "items-";
    private static final String SUFFIX = ".log";

    /**
     * @param longest no items when it is zero
     * @param bytes of all files together, about
     */
    record Retention(Duration longest, long bytes) {
        static final Retention NONE = new Retention(Duration.ZERO, 0);

        boolean isNone() {
            return longest.isZero() || bytes < 2L * ItemFile.FILE_BYTES;
        }
    }

    private final @Nullable Path directory;
    private final Retention retention;
    private final Clock clock;
    private final long epochMinusClock;
    private final LongAdder lost = new LongAdder();
    private volatile @Nullable ItemFile file;
    private volatile @Nullable ItemFile next;

    private Items(@Nullable Path directory, Retention retention, Clock clock) {
        this.directory = directory;
        this.retention = retention;
        this.clock = clock;
        // once, so that a clock that is set meanwhile moves no item against another
        this.epochMinusClock = clock.now().toEpochMilli() * 1_000_000 - clock.nanos();
    }

    /** Keeps items there, in a new file: what a process that was killed left goes on to be read. */
    static Items open(Path directory, Retention retention, Clock clock) throws IOException {
        if (retention.isNone()) {
            for (Path left : files(directory).values()) {
                Files.delete(left);
            }
            return NONE;
        }
        for (Path left : files(directory).values()) {
            trim(left);
        }
        Items items = new Items(directory, retention, clock);
        items.prepare();
        items.after(null);
        items.prepare();
        return items;
    }

    /** Where items go now; null for nowhere. */
    @Nullable ItemFile file() {
        return file;
    }

    /** Where items go behind a file that is full; null when there is no room yet. */
    synchronized @Nullable ItemFile after(@Nullable ItemFile full) {
        if (file == full) {
            ItemFile fresh = next;
            if (fresh == null) {
                lost.increment();
                return null;
            }
            fresh.begin(clock.now().toEpochMilli());
            file = fresh;
            next = null;
        }
        return file;
    }

    /** A moment of the clock as nanoseconds since 1970. */
    long epochNanos(long clockNanos) {
        return epochMinusClock + clockNanos;
    }

    /** Items that found no room. */
    long lost() {
        return lost.sum();
    }

    /** From when on items are kept. */
    long oldestMillis() {
        return clock.now().minus(retention.longest()).toEpochMilli();
    }

    /** Makes the next file, turns to it when this one is old, and forgets what is too old. */
    void prepare() throws IOException {
        Path here = directory;
        if (here == null) {
            return;
        }
        if (next == null) {
            TreeMap<Long, Path> all = files(here);
            long number = all.isEmpty() ? 1 : all.lastKey() + 1;
            next = ItemFile.create(here.resolve("%s%010d%s".formatted(PREFIX, number, SUFFIX)));
        }
        ItemFile now = file;
        if (now != null && !now.isEmpty() && ageMillis(now.begunMillis()) > longestUseMillis()) {
            after(now);
        }
        forget(here);
    }

    private long ageMillis(long epochMillis) {
        return clock.now().toEpochMilli() - epochMillis;
    }

    private long longestUseMillis() {
        return Math.min(LONGEST_USE.toMillis(), Math.max(1, retention.longest().toMillis() / 4));
    }

    /** A file's items are all older than the file behind it. */
    private void forget(Path here) throws IOException {
        ItemFile now = file;
        ItemFile ahead = next;
        long behindBegun = Long.MAX_VALUE;
        long bytes = 0;
        for (Path path : files(here).descendingMap().values()) {
            boolean used = now != null && path.equals(now.path());
            boolean waits = ahead != null && path.equals(ahead.path());
            if (used || waits) {
                behindBegun = used && now != null ? now.begunMillis() : behindBegun;
                continue;
            }
            Header header = header(path);
            bytes += header.position;
            boolean old = behindBegun <= oldestMillis();
            if (old || bytes + 2L * ItemFile.FILE_BYTES > retention.bytes() || header.begun == 0) {
                Files.delete(path);
            } else {
                behindBegun = header.begun;
            }
        }
    }

    /** Gives back the blocks that a process which is no more has not used. */
    private static void trim(Path left) throws IOException {
        Header header = header(left);
        if (header.begun == 0) {
            Files.delete(left);
            return;
        }
        try (FileChannel channel = FileChannel.open(left, StandardOpenOption.WRITE)) {
            channel.truncate(header.position);
        }
    }

    private record Header(long position, long begun) {}

    private static Header header(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteBuffer buffer =
                    ByteBuffer.allocate(ItemFile.HEADER_BYTES).order(ByteOrder.nativeOrder());
            channel.read(buffer, 0);
            return new Header(
                    Math.min(buffer.getLong((int) ItemFile.POSITION), ItemFile.FILE_BYTES),
                    buffer.getLong((int) ItemFile.BEGUN));
        }
    }

    /** All files, in the order in which they were used. */
    List<Path> files() throws IOException {
        Path here = directory;
        return here == null ? List.of() : List.copyOf(files(here).values());
    }

    private static TreeMap<Long, Path> files(Path directory) throws IOException {
        TreeMap<Long, Path> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(directory)) {
            for (Path path : all.toList()) {
                String name = path.getFileName().toString();
                if (name.matches(PREFIX + "\\d{10}\\" + SUFFIX)) {
                    String digits = name.substring(PREFIX.length(), PREFIX.length() + 10);
                    files.put(Long.parseLong(digits), path);
                }
            }
        }
        return files;
    }
}
