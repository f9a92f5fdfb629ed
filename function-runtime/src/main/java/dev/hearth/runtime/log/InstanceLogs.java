package dev.hearth.runtime.log;

import dev.hearth.contracts.HearthException;
import dev.hearth.contracts.InstanceId;
import dev.hearth.contracts.LogPage;
import dev.hearth.contracts.RevisionName;
import dev.hearth.contracts.ServiceName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * What instances print. The container writes straight into a file of its own, opened for appending,
 * so it never waits for us and a restart of the platform loses nothing.
 *
 * <p>Layout: {@code SERVICE/REVISION.INSTANCE.log}; the newest {@value #FILES_KEPT} files of a
 * service are kept. A file that outgrows {@code mostBytes} is emptied by {@link #trim}, after its
 * last half was copied to {@code ….log.1}.
 */
public final class InstanceLogs {
    private static final Logger LOG = Logger.getLogger(InstanceLogs.class);
    private static final int FILES_KEPT = 50;
    private static final int PAGE_BYTES = 1 << 20;
    private static final int MOST_LINES = 10_000;

    /** Of all lines of a page, about: whoever asks is answered from memory. */
    private static final int MOST_CHARACTERS = 2 * PAGE_BYTES;

    private static final String SUFFIX = ".log";

    private final Path directory;
    private final long mostBytes;
    private final Queue<ServiceName> created = new ConcurrentLinkedQueue<>();

    // of trim, which one thread calls
    private Set<ServiceName> again = Set.of();
    private boolean lookedAtAll;

    /**
     * @param directory made when absent
     * @param mostBytes of one instance's file
     */
    public InstanceLogs(Path directory, long mostBytes) {
        this.directory = directory;
        this.mostBytes = mostBytes;
    }

    /** The file of a new instance. */
    public Path create(ServiceName service, RevisionName revision, InstanceId id)
            throws IOException {
        Path folder = directory.resolve(service.value());
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
        }
        created.add(service);
        return folder.resolve(revision.label() + "." + id + SUFFIX);
    }

    /** Takes a file away that nothing will be written to. */
    public void remove(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    /** Adds a line of the platform's own; a log that cannot be written must not stop a clean-up. */
    public void note(Path file, String line) {
        try {
            Files.writeString(file, line + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            LOG.warnf("noting \"%s\" in %s failed: %s", line, file, e.getMessage());
        }
    }

    /** The last lines of one file; empty when it cannot be read. */
    public List<String> tail(Path file, int lines) {
        try {
            long size = Files.size(file);
            return read(file, Math.max(0, size - PAGE_BYTES), size, lines, true).lines;
        } catch (IOException unreadable) {
            return List.of();
        }
    }

    /** See RuntimePort.logs. */
    public LogPage page(ServiceName service, String cursor, int most) throws IOException {
        int wanted = Math.clamp(most, 1, MOST_LINES);
        boolean last = cursor.isEmpty();
        Map<String, Long> from = parse(cursor);
        Map<String, Long> next = new LinkedHashMap<>();
        Deque<LogPage.Line> lines = new ArrayDeque<>();
        long characters = 0;
        for (Path file : files(service)) {
            String name = String.valueOf(file.getFileName());
            long size = sizeOf(file);
            long begin = last ? Math.max(0, size - PAGE_BYTES) : from.getOrDefault(name, 0L);
            if (begin > size) {
                begin = 0; // it was emptied meanwhile
            }
            if (!last && (lines.size() >= wanted || characters >= MOST_CHARACTERS)) {
                next.put(name, begin);
                continue;
            }
            if (size == 0) {
                next.put(name, 0L); // nothing yet, or it is gone
                continue;
            }
            int room = last ? wanted : wanted - lines.size();
            Piece piece = read(file, begin, Math.min(size, begin + PAGE_BYTES), room, last);
            String instance = instanceOf(name);
            String revision = name.substring(0, Math.max(0, name.indexOf('.')));
            for (String text : piece.lines) {
                lines.add(new LogPage.Line(revision, instance, text));
                characters += text.length();
            }
            while (last
                    && (lines.size() > wanted
                            || characters > MOST_CHARACTERS && lines.size() > 1)) {
                characters -= lines.removeFirst().text().length();
            }
            next.put(name, piece.end);
        }
        return new LogPage(List.copyOf(lines), format(next));
    }

    /** 0 of a file that is gone: the one of a slot that was loaded for nothing, say. */
    private static long sizeOf(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException gone) {
            return 0;
        }
    }

    private record Piece(List<String> lines, long end) {}

    /**
     * Whole lines between two offsets: the first ones or the last ones, so many at the most. A line
     * without an end is left for the next time.
     */
    private static Piece read(Path file, long begin, long end, int most, boolean last)
            throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) (end - begin));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long at = begin;
            while (bytes.hasRemaining()) {
                int got = channel.read(bytes, at);
                if (got < 0) {
                    break;
                }
                at += got;
            }
        }
        byte[] array = bytes.array();
        int length = bytes.position();
        int whole = length;
        while (whole > 0 && array[whole - 1] != '\n') {
            whole--;
        }
        if (whole == 0 && length < PAGE_BYTES) {
            return new Piece(List.of(), begin);
        }
        int used = whole == 0 ? length : whole;
        int first = last ? LineEnds.last(array, used, most) : 0;
        int until = last ? used : LineEnds.first(array, used, most);
        String text = new String(array, first, until - first, StandardCharsets.UTF_8);
        return new Piece(text.lines().toList(), begin + until);
    }

    private List<Path> files(ServiceName service) throws IOException {
        Path folder = directory.resolve(service.value());
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(p -> p.toString().endsWith(SUFFIX))
                    .sorted(Comparator.comparingLong(InstanceLogs::createdMillis))
                    .toList();
        }
    }

    private static long createdMillis(Path file) {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class).creationTime().toMillis();
        } catch (IOException goneMeanwhile) {
            return 0;
        }
    }

    private static String instanceOf(String name) {
        String[] parts = name.split("\\.");
        return parts.length == 3 ? parts[1] : name;
    }

    private static String format(Map<String, Long> offsets) {
        StringBuilder text = new StringBuilder("v1");
        offsets.forEach((name, at) -> text.append(',').append(name).append('@').append(at));
        return text.toString();
    }

    private static Map<String, Long> parse(String cursor) {
        Map<String, Long> offsets = new LinkedHashMap<>();
        if (cursor.isEmpty()) {
            return offsets;
        }
        String[] parts = cursor.split(",");
        try {
            for (int i = 1; i < parts.length; i++) {
                int at = parts[i].lastIndexOf('@');
                offsets.put(parts[i].substring(0, at), Long.parseLong(parts[i].substring(at + 1)));
            }
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw HearthException.invalid(
                    "invalid-cursor", "the log cursor is not one that this platform gave out");
        }
        return offsets;
    }

    /**
     * Bounds the files' size and each service's number of them; to be called every second or so.
     * Looks at the services that wrote something since the last call, and at all the first time.
     * One whose files cannot be bounded keeps no other's from it, and is looked at again the next
     * time.
     *
     * @param writing whose instances run now
     * @throws IOException after all were looked at, why one of them could not be bounded
     */
    public void trim(Set<ServiceName> writing) throws IOException {
        Set<ServiceName> looked = new HashSet<>(writing);
        looked.addAll(again); // what ended since the last time
        for (ServiceName started = created.poll(); started != null; started = created.poll()) {
            looked.add(started); // what has begun and ended since
        }
        if (!lookedAtAll) {
            looked.addAll(all());
            lookedAtAll = true;
        }
        Set<ServiceName> next = new HashSet<>(writing);
        List<IOException> failures = new ArrayList<>();
        for (ServiceName service : looked) {
            try {
                trimOf(service);
            } catch (IOException e) {
                failures.add(e);
                next.add(service);
            }
        }
        again = next;
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
    }

    private List<ServiceName> all() throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(directory)) {
            return folders.filter(Files::isDirectory)
                    .map(folder -> new ServiceName(String.valueOf(folder.getFileName())))
                    .toList();
        }
    }

    private void trimOf(ServiceName service) throws IOException {
        List<Path> files = files(service);
        for (Path file : files) {
            trimOne(file);
        }
        for (Path old : files.subList(0, Math.max(0, files.size() - FILES_KEPT))) {
            Files.deleteIfExists(old);
            Files.deleteIfExists(earlier(old));
        }
    }

    private void trimOne(Path file) throws IOException {
        try (FileChannel log =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long size = log.size();
            if (size <= mostBytes) {
                return;
            }
            long kept = mostBytes / 2;
            try (FileChannel copy =
                    FileChannel.open(
                            earlier(file),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.TRUNCATE_EXISTING)) {
                log.transferTo(size - kept, kept, copy);
            }
            log.truncate(0); // writers append, so they go on at the new end
        } catch (NoSuchFileException gone) {
            return;
        }
    }

    private static Path earlier(Path file) {
        return file.resolveSibling(file.getFileName() + ".1");
    }
}
