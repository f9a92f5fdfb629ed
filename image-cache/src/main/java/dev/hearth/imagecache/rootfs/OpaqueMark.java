package dev.hearth.imagecache.rootfs;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.Charset;
import java.nio.file.Path;

/**
 * The mark by which overlayfs hides what lower layers have in a directory: the attribute {@code
 * trusted.overlay.opaque} with the value {@code y}. Java's file API reads {@code user.*} attributes
 * only, hence <a href="https://man7.org/linux/man-pages/man2/getxattr.2.html">lgetxattr(2)</a>.
 */
final class OpaqueMark {
    private static final int ENODATA = 61;
    private static final int ENOTSUP = 95;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET =
            STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle LGETXATTR =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("lgetxattr"),
                            FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG),
                            Linker.Option.captureCallState("errno"));

    /** How this Java turns names of files into bytes. */
    private static final Charset NAMES =
            Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

    private OpaqueMark() {}

    static boolean isOn(Path directory) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment value = arena.allocate(1);
            long length =
                    call(
                            state,
                            arena.allocateFrom(directory.toString(), NAMES),
                            arena.allocateFrom("trusted.overlay.opaque"),
                            value);
            if (length >= 0) {
                return length == 1 && value.get(JAVA_BYTE, 0) == 'y';
            }
            int errno = state.get(JAVA_INT, ERRNO_OFFSET);
            if (errno == ENODATA || errno == ENOTSUP) {
                return false;
            }
            throw new IOException("lgetxattr \"" + directory + "\" failed: errno " + errno);
        }
    }

    private static long call(
            MemorySegment state, MemorySegment path, MemorySegment name, MemorySegment value) {
        try {
            return (long) LGETXATTR.invokeExact(state, path, name, value, value.byteSize());
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a system call threw", e);
        }
    }
}
