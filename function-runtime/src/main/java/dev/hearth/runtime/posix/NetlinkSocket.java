package dev.hearth.runtime.posix;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jnr.ffi.Pointer;

/**
 * A netlink socket (netlink(7)); it acts on the network namespace it was opened in, wherever it is
 * used. Not for concurrent use.
 */
public final class NetlinkSocket implements AutoCloseable {
    private static final int NLMSG_ERROR = 2;
    private static final int BUFFER_BYTES = 16 * 1024;

    private final Fd fd;

    /** Takes over a socket that somebody else opened, elsewhere. */
    public NetlinkSocket(Fd fd) {
        this.fd = fd;
    }

    /** A socket for links, addresses and routes of the process's own network namespace. */
    public static NetlinkSocket route() throws IOException {
        return open(Libc.NETLINK_ROUTE);
    }

    /** A socket for connection tracking in the process's own network namespace. */
    public static NetlinkSocket netfilter() throws IOException {
        return open(Libc.NETLINK_NETFILTER);
    }

    private static NetlinkSocket open(int protocol) throws IOException {
        return new NetlinkSocket(
                Fd.check(
                        "netlink socket",
                        Libc.get()
                                .socket(
                                        Libc.AF_NETLINK,
                                        Libc.SOCK_RAW | Libc.SOCK_CLOEXEC,
                                        protocol)));
    }

    /**
     * Sends a batch of messages that all ask for an acknowledgement, and waits for all of them.
     *
     * @param what names the batch in an error
     * @return the first errno, or 0
     */
    public int request(String what, byte[] messages, int count) throws IOException {
        if (Libc.get().send(fd.number(), NativeMemory.of(messages), messages.length, 0) < 0) {
            throw new PosixException(what, Errno.last());
        }
        Pointer buffer = NativeMemory.allocate(BUFFER_BYTES);
        int first = 0;
        for (int acknowledged = 0; acknowledged < count; ) {
            long got = Libc.get().recv(fd.number(), buffer, BUFFER_BYTES, 0);
            if (got < 0) {
                throw new PosixException(what, Errno.last());
            }
            byte[] bytes = new byte[(int) got];
            buffer.get(0, bytes, 0, bytes.length);
            ByteBuffer answer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
            for (int at = 0; at + 20 <= bytes.length; ) {
                int length = answer.getInt(at);
                if (answer.getShort(at + 4) == NLMSG_ERROR) {
                    acknowledged++;
                    first = first != 0 ? first : -answer.getInt(at + 16);
                }
                at += Math.max(16, (length + 3) & ~3);
            }
        }
        return first;
    }

    @Override
    public void close() {
        fd.close();
    }
}
