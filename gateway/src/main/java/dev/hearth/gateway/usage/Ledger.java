package dev.hearth.gateway.usage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Usage records, one line each, in numbered files that only grow; and how far they have been sent.
 * A line without its end, which a power cut may leave, is no record. Files that are sent are kept
 * up to a bound.
 */
final class Ledger implements AutoCloseable {
    private static final long FILE_BYTES = 16 << 20;
    private static final long KEPT_BYTES = 1L << 30;
    private static final int READ_BYTES = 1 << 20;
    private static final String PREFIX = "ledger-";
    private static final String SUFFIX = ".jsonl";

    private final Path directory;
    private final Path sentFile;
    private FileChannel out;
    private long number;

    /** Up to where everything has been sent. */
    private Place sent;

    /**
     * A place in the ledger.
     *
     * @param file its number
     * @param offset in bytes
     */
    record Place(long file, long offset) {}

    /**
     * Lines that are to be sent, and the place behind them.
     *
     * @param lines none when all are sent
     */
    record Batch(List<String> lines, Place end) {}

    private Ledger(Path directory, FileChannel out, long number, Place sent) {
        this.directory = directory;
        this.sentFile = directory.resolve("sent");
        this.out = out;
        this.number = number;
        this.sent = sent;
    }

    static Ledger open(Path directory) throws IOException {
        Files.createDirectories(directory);
        TreeMap<Long, Path> files = files(directory);
        // a new file each time, so that nothing is written behind a line that was cut short
        long number = files.isEmpty() ? 1 : files.lastKey() + 1;
        long first = files.isEmpty() ? number : files.firstKey();
        return new Ledger(
                directory, create(directory, number), number, sent(directory, new Place(first, 0)));
    }

    private static FileChannel create(Path directory, long number) throws IOException {
        return FileChannel.open(
                directory.resolve("%s%010d%s".formatted(PREFIX, number, SUFFIX)),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE);
    }

    private static TreeMap<Long, Path> files(Path directory) throws IOException {
        TreeMap<Long, Path> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(directory)) {
            for (Path file : all.toList()) {
                String name = file.getFileName().toString();
                if (name.matches(PREFIX + "\\d{10}\\" + SUFFIX)) {
                    String digits = name.substring(PREFIX.length(), PREFIX.length() + 10);
                    files.put(Long.parseLong(digits), file);
                }
            }
        }
        return files;
    }

    private static Place sent(Path directory, Place otherwise) throws IOException {
        Path file = directory.resolve("sent");
        if (!Files.exists(file)) {
            return otherwise;
        }
        String[] parts = Files.readString(file).strip().split(" ");
        return parts.length == 2 && parts[0].matches("\\d{1,18}") && parts[1].matches("\\d{1,18}")
                ? new Place(Long.parseLong(parts[0]), Long.parseLong(parts[1]))
                : otherwise; // sent again: that changes nothing
    }

    /** Writes records, whole and in order; they survive this process. */
    synchronized void append(List<String> records) throws IOException {
        if (records.isEmpty()) {
            return;
        }
        if (out.position() > FILE_BYTES) {
            out.force(false);
            out.close();
            out = create(directory, ++number);
        }
        byte[] bytes = (String.join("\n", records) + "\n").getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long begin = out.position();
        try {
            while (buffer.hasRemaining()) {
                out.write(buffer);
            }
        } catch (IOException e) {
            out.truncate(begin); // half a line would take the next one along
            throw e;
        }
    }

    /** What is written survives a power cut, too. */
    synchronized void force() throws IOException {
        out.force(false);
    }

    /** The next records to send. */
    synchronized Batch unsent() throws IOException {
        TreeMap<Long, Path> files = files(directory);
        Place at = sent;
        while (true) {
            @Nullable Path file = files.get(at.file);
            if (file != null) {
                Batch batch = read(file, at);
                if (!batch.lines.isEmpty()) {
                    return batch;
                }
            }
            @Nullable Long next = files.higherKey(at.file);
            if (next == null) {
                return new Batch(List.of(), at);
            }
            at = new Place(next, 0);
        }
    }

    private static Batch read(Path file, Place from) throws IOException {
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
            in.position(from.offset);
            while (buffer.hasRemaining() && in.read(buffer) >= 0) {
                // until it is full, or the file ends
            }
            String text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
            int end = text.lastIndexOf('\n') + 1;
            String whole = text.substring(0, end);
            return new Batch(
                    whole.lines().toList(),
                    new Place(
                            from.file,
                            from.offset + whole.getBytes(StandardCharsets.UTF_8).length));
        }
    }

    /** Everything up to there has been sent; files that nobody needs any more go. */
    void sentUpTo(Place place) throws IOException {
        Path fresh = directory.resolve("sent.new");
        Files.writeString(fresh, place.file + " " + place.offset + "\n");
        Files.move(fresh, sentFile, StandardCopyOption.ATOMIC_MOVE);
        sent = place;
        TreeMap<Long, Path> files = files(directory);
        long kept = 0;
        for (Path file : new ArrayList<>(files.descendingMap().values())) {
            kept += Files.size(file);
            boolean done = files.headMap(place.file).containsValue(file);
            if (done && kept > KEPT_BYTES) {
                Files.delete(file);
            }
        }
    }

    @Override
    public synchronized void close() throws IOException {
        out.force(false);
        out.close();
    }
}
