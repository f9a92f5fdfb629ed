package dev.hearth.runtime.posix;

import java.io.IOException;
import jnr.ffi.Pointer;

/** Options of sockets that Java did not open (socket(7)). */
final class SocketOption {
    private static final int TIMEVAL_BYTES = 16;

    private SocketOption() {}

    /** Bounds how long a call may block: SO_RCVTIMEO or SO_SNDTIMEO. */
    static void timeout(Fd fd, int option, long millis) throws IOException {
        Pointer timeval = NativeMemory.allocate(TIMEVAL_BYTES);
        timeval.putLong(0, millis / 1000);
        timeval.putLong(8, millis % 1000 * 1000);
        if (Libc.get().setsockopt(fd.number(), Libc.SOL_SOCKET, option, timeval, TIMEVAL_BYTES)
                < 0) {
            throw new PosixException("setsockopt", Errno.last());
        }
    }
}
