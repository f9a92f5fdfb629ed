package dev.hearth.runtime.posix;

import java.io.IOException;
import java.net.Inet4Address;
import jnr.ffi.Pointer;

/**
 * Asks whether a TCP port takes connections, by making one and closing it (connect(2)). Java's own
 * sockets hand a connect that does not succeed at once to another thread; next to an answer that
 * takes 30 µs that is long.
 */
public final class TcpProbe {
    private static final int SOCKADDR_IN_BYTES = 16;

    private final Pointer address = NativeMemory.allocate(SOCKADDR_IN_BYTES);
    private final long timeoutMillis;

    /**
     * @param timeoutMillis after which a port that says nothing is given up
     */
    public TcpProbe(Inet4Address host, int port, long timeoutMillis) {
        address.putShort(0, (short) Libc.AF_INET);
        address.putByte(2, (byte) (port >>> 8));
        address.putByte(3, (byte) port);
        address.put(4, host.getAddress(), 0, 4);
        this.timeoutMillis = timeoutMillis;
    }

    /** Tries once; blocks the calling thread in a system call for as long as that takes. */
    public boolean takesConnection() throws IOException {
        try (Fd fd =
                Fd.check(
                        "socket",
                        Libc.get().socket(Libc.AF_INET, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0))) {
            SocketOption.timeout(fd, Libc.SO_SNDTIMEO, timeoutMillis);
            return Libc.get().connect(fd.number(), address, SOCKADDR_IN_BYTES) == 0;
        }
    }
}
