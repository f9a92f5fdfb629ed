package dev.hearth.imagecache.unpack;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.jboss.logging.Logger;

/**
 * Inflates gzip with the system's ISA-L (Intel's Intelligent Storage Acceleration Library; Debian's
 * {@code libisal2}), which takes a third of zlib's time.
 *
 * <p>The offsets are those of {@code struct inflate_state} in {@code igzip_lib.h} of library
 * version 2, which are the same on x86-64 and ARM. Before it is used for anything the library must
 * inflate a small stream rightly; one that does not, or is not there, is not used.
 */
final class IsaL {
    private static final Logger LOG = Logger.getLogger(IsaL.class);
    private static final String LIBRARY = "libisal.so.2";

    private static final long NEXT_OUT = 0;
    private static final long AVAIL_OUT = 8;
    private static final long NEXT_IN = 16;
    private static final long AVAIL_IN = 32;
    private static final long BLOCK_STATE = 21160;
    private static final long CRC_FLAG = 21172;

    /** {@code sizeof(struct inflate_state)} is 87368; with room for a later one of version 2. */
    private static final long STATE_BYTES = 128 * 1024;

    /** {@code ISAL_GZIP}: header and trailer are the library's to read and check. */
    private static final int GZIP = 1;

    /** {@code ISAL_BLOCK_FINISH}: the trailer was read and is right. */
    private static final int FINISHED = 5;

    private static final byte FIRST_OF_MEMBER = 0x1f;

    private static final int IN_BYTES = 64 * 1024;
    private static final int OUT_BYTES = 128 * 1024;
    private static final Optional<IsaL> FOUND = find();

    private final MethodHandle init;
    private final MethodHandle reset;
    private final MethodHandle inflate;

    private IsaL(SymbolLookup library) {
        this.init = bind(library, "isal_inflate_init", FunctionDescriptor.ofVoid(ADDRESS));
        this.reset = bind(library, "isal_inflate_reset", FunctionDescriptor.ofVoid(ADDRESS));
        this.inflate = bind(library, "isal_inflate", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    }

    /** The library, where it is installed. */
    static Optional<IsaL> found() {
        return FOUND;
    }

    /**
     * The content of all members of a gzip stream. Its IOExceptions are the stream's faults, an
     * EOFException where it is cut off.
     *
     * @param gzip closed with it
     */
    InputStream gunzip(InputStream gzip) {
        return new Gunzip(gzip);
    }

    private static Optional<IsaL> find() {
        try {
            IsaL library = new IsaL(SymbolLookup.libraryLookup(LIBRARY, Arena.global()));
            if (library.inflatesRightly()) {
                return Optional.of(library);
            }
            LOG.warnf("%s does not inflate as its version 2 should; zlib is used", LIBRARY);
        } catch (IllegalArgumentException notThere) {
            LOG.debugf("%s is not installed; zlib inflates layers", LIBRARY);
        } catch (IOException e) {
            LOG.warnf("%s fails (%s); zlib is used", LIBRARY, e.getMessage());
        }
        return Optional.empty();
    }

    /** Two members, as a stream may have. */
    private boolean inflatesRightly() throws IOException {
        byte[] half = "hearth ".repeat(OUT_BYTES).getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (int i = 0; i < 2; i++) {
            content.writeBytes(half);
            GZIPOutputStream member = new GZIPOutputStream(packed);
            member.write(half);
            member.finish();
        }
        try (InputStream plain = gunzip(new ByteArrayInputStream(packed.toByteArray()))) {
            return Arrays.equals(content.toByteArray(), plain.readAllBytes());
        }
    }

    private static MethodHandle bind(
            SymbolLookup library, String function, FunctionDescriptor type) {
        return Linker.nativeLinker().downcallHandle(library.findOrThrow(function), type);
    }

    /** What a function that only takes the state does to it. */
    private static int call(MethodHandle function, MemorySegment state) {
        try {
            if (function.type().returnType() == int.class) {
                return (int) function.invokeExact(state);
            }
            function.invokeExact(state);
            return 0;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a call of " + LIBRARY + " threw", e);
        }
    }

    /** One stream; read and closed by the thread that made it. */
    private final class Gunzip extends InputStream {
        private final InputStream gzip;
        private final byte[] piece = new byte[IN_BYTES];
        private final Arena arena = Arena.ofConfined();
        private final MemorySegment state = arena.allocate(STATE_BYTES, Long.BYTES);
        private final MemorySegment packed = arena.allocate(IN_BYTES);
        private final MemorySegment plain = arena.allocate(OUT_BYTES);
        private int position; // in plain
        private int length; // of plain
        private int given; // in packed
        private boolean ended;

        Gunzip(InputStream gzip) {
            this.gzip = gzip;
            call(init, state);
            state.set(JAVA_INT, CRC_FLAG, GZIP);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int most) throws IOException {
            if (most == 0) {
                return 0;
            }
            while (position == length) {
                if (ended) {
                    return -1;
                }
                inflateMore();
            }
            int n = Math.min(most, length - position);
            MemorySegment.copy(plain, JAVA_BYTE, position, buffer, offset, n);
            position += n;
            return n;
        }

        private void inflateMore() throws IOException {
            boolean fed = left() > 0 || refill();
            state.set(ADDRESS, NEXT_OUT, plain);
            state.set(JAVA_INT, AVAIL_OUT, OUT_BYTES);
            int answer = call(inflate, state);
            if (answer < 0) {
                throw new IOException(fault(answer));
            }
            position = 0;
            length = OUT_BYTES - state.get(JAVA_INT, AVAIL_OUT);
            if (state.get(JAVA_INT, BLOCK_STATE) == FINISHED) {
                nextMember();
            } else if (length == 0 && !fed) {
                throw new EOFException("it ends in the middle");
            }
        }

        /** Bytes that were given and not taken yet. */
        private int left() {
            return state.get(JAVA_INT, AVAIL_IN);
        }

        /** False at the end of what there is. */
        private boolean refill() throws IOException {
            int n = gzip.read(piece, 0, piece.length);
            if (n <= 0) {
                return false;
            }
            MemorySegment.copy(piece, 0, packed, JAVA_BYTE, 0, n);
            state.set(ADDRESS, NEXT_IN, packed);
            state.set(JAVA_INT, AVAIL_IN, n);
            given = n;
            return true;
        }

        /** RFC 1952, section 2.2: members follow each other, with nothing between or after. */
        private void nextMember() throws IOException {
            if (left() == 0 && !refill()) {
                ended = true;
                return;
            }
            if (packed.get(JAVA_BYTE, given - left()) != FIRST_OF_MEMBER) {
                throw new IOException("something else follows");
            }
            call(reset, state);
            state.set(JAVA_INT, CRC_FLAG, GZIP);
        }

        @Override
        public void close() throws IOException {
            arena.close();
            gzip.close();
        }
    }

    /** The library's {@code ISAL_…} answers, in words. */
    private static String fault(int answer) {
        return switch (answer) {
            case -1 -> "invalid block";
            case -2 -> "invalid symbol";
            case -3 -> "it refers to what is before its beginning";
            case -4 -> "invalid header";
            case -5 -> "packed by an unknown method";
            case -6 -> "wrong checksum";
            default -> "error " + answer;
        };
    }
}
