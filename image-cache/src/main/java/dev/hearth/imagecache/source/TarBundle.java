package dev.hearth.imagecache.source;

import dev.hearth.imagecache.unpack.TarEntry;
import dev.hearth.imagecache.unpack.TarReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The files in a tar file, found by one pass over its headers and then read where they lie. */
final class TarBundle implements Bundle {
    private static final int MOST_ENTRIES = 10_000;
    private static final int MOST_NAME_BYTES = 4096;
    private static final int MOST_LINKS_FOLLOWED = 4;

    private final FileChannel channel;
    private final Map<String, Content> contents = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();

    TarBundle(Path file) throws IOException {
        this.channel = FileChannel.open(file, StandardOpenOption.READ);
        boolean indexed = false;
        try {
            index();
            indexed = true;
        } finally {
            if (!indexed) {
                channel.close();
            }
        }
    }

    private void index() throws IOException {
        TarReader reader = new TarReader(new Slice(0, channel.size()));
        for (Optional<TarEntry> next = reader.next(); next.isPresent(); next = reader.next()) {
            if (contents.size() + links.size() >= MOST_ENTRIES) {
                throw new IOException("it has more than " + MOST_ENTRIES + " files");
            }
            TarEntry entry = next.get();
            if (entry.name().length() + entry.linkName().length() > MOST_NAME_BYTES) {
                throw new IOException("it has a name of more than " + MOST_NAME_BYTES + " bytes");
            }
            String name = plain(entry.name());
            switch (entry.kind()) {
                case FILE -> contents.put(name, new Part(reader.position(), entry.size()));
                // docker save before 25 links a layer that two images share
                case SYMLINK -> links.put(name, beside(name, entry.linkName()));
                case HARD_LINK -> links.put(name, plain(entry.linkName()));
                case DIRECTORY, FIFO, DEVICE -> {}
            }
        }
    }

    @Override
    public Optional<Content> find(String name) {
        String at = plain(name);
        for (int i = 0; i < MOST_LINKS_FOLLOWED; i++) {
            Content content = contents.get(at);
            if (content != null) {
                return Optional.of(content);
            }
            at = links.getOrDefault(at, "");
        }
        return Optional.empty();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** The name without {@code .}, {@code ..} and doubled slashes; not a path of this machine. */
    private static String plain(String name) {
        Deque<String> steps = new ArrayDeque<>();
        for (String step : name.split("/")) {
            if (step.equals("..")) {
                steps.pollLast();
            } else if (!step.isEmpty() && !step.equals(".")) {
                steps.addLast(step);
            }
        }
        return String.join("/", steps);
    }

    private static String beside(String name, String target) {
        return plain(target.startsWith("/") ? target : name + "/../" + target);
    }

    private final class Part implements Content {
        private final long from;
        private final long size;

        Part(long from, long size) {
            this.from = from;
            this.size = size;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public InputStream open() {
            return new BufferedInputStream(new Slice(from, from + size), 64 * 1024);
        }
    }

    /** Bytes of the file from one position to another; several may be read at once. */
    private final class Slice extends InputStream {
        private final long end;
        private long at;

        Slice(long from, long end) {
            this.at = from;
            this.end = end;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (at >= end) {
                return -1;
            }
            int wanted = (int) Math.min(length, end - at);
            int n = channel.read(ByteBuffer.wrap(buffer, offset, wanted), at);
            if (n > 0) {
                at += n;
            }
            return n;
        }

        @Override
        public long skip(long wanted) {
            long n = Math.clamp(wanted, 0, end - at);
            at += n;
            return n;
        }
    }
}
