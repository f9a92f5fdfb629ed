package dev.hearth.runtime.posix;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Pointer;

/**
 * A Unix seqpacket connection that carries messages and file descriptors (unix(7), cmsg(3)).
 * Sending is safe from any thread; receiving is for one thread. The layout of msghdr and cmsghdr is
 * the 64-bit one.
 */
public final class SeqpacketSocket implements AutoCloseable {
    private static final int MOST_FDS = 16;
    private static final int MSGHDR_BYTES = 56;
    private static final int HEADER_BYTES = MSGHDR_BYTES + 16;
    private static final int CMSG_HEADER_BYTES = 16;
    private static final int SHUT_RDWR = 2;

    private final Fd fd;
    private final Object sending = new Object();

    /** Takes over a socket that is connected already. */
    public SeqpacketSocket(Fd fd) {
        this.fd = fd;
    }

    /** From now on {@link #receive} fails with EAGAIN after so long. */
    public void receiveWithin(int seconds) throws IOException {
        SocketOption.timeout(fd, Libc.SO_RCVTIMEO, seconds * 1000L);
    }

    /** Connects to the socket at {@code path}. */
    public static SeqpacketSocket connect(Path path) throws IOException {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length > 107) {
            throw new IOException(
                    "socket path "
                            + path
                            + " is longer than the 107 bytes that Linux takes; use a shorter data directory");
        }
        Fd fd =
                Fd.check(
                        "socket",
                        Libc.get()
                                .socket(Libc.AF_UNIX, Libc.SOCK_SEQPACKET | Libc.SOCK_CLOEXEC, 0));
        Pointer address = NativeMemory.allocate(110);
        address.putShort(0, (short) Libc.AF_UNIX);
        address.put(2, name, 0, name.length);
        if (Libc.get().connect(fd.number(), address, 110) < 0) {
            int errno = Errno.last();
            fd.close();
            throw new PosixException("connect to " + path, errno);
        }
        return new SeqpacketSocket(fd);
    }

    /** The process at the other end, which listened when this connected (SO_PEERCRED, unix(7)). */
    public int peer() throws IOException {
        int bytes = 12; // struct ucred: pid, uid, gid
        Pointer credentials = NativeMemory.allocate(bytes);
        Pointer length = NativeMemory.allocate(4);
        length.putInt(0, bytes);
        if (Libc.get()
                        .getsockopt(
                                fd.number(), Libc.SOL_SOCKET, Libc.SO_PEERCRED, credentials, length)
                < 0) {
            throw new PosixException("getsockopt SO_PEERCRED", Errno.last());
        }
        return credentials.getInt(0);
    }

    /** Sends one message; the descriptors stay the caller's. */
    public void send(byte[] message, List<Fd> fds) throws IOException {
        int rightsBytes = CMSG_HEADER_BYTES + fds.size() * 4;
        int controlBytes = fds.isEmpty() ? 0 : (rightsBytes + 7) & ~7;
        int dataAt = HEADER_BYTES + controlBytes;
        Pointer block = NativeMemory.allocate(dataAt + message.length); // one for all of it
        fillHeader(block, block.slice(dataAt), message.length);
        block.put(dataAt, message, 0, message.length);
        if (!fds.isEmpty()) {
            Pointer control = block.slice(HEADER_BYTES);
            control.putLong(0, rightsBytes);
            control.putInt(8, Libc.SOL_SOCKET);
            control.putInt(12, Libc.SCM_RIGHTS);
            for (int i = 0; i < fds.size(); i++) {
                control.putInt(CMSG_HEADER_BYTES + 4L * i, fds.get(i).number());
            }
            block.putPointer(32, control);
            block.putLong(40, controlBytes);
        }
        long sent;
        synchronized (sending) {
            sent = Libc.get().sendmsg(fd.number(), block, Libc.MSG_NOSIGNAL);
        }
        if (sent != message.length) {
            throw new PosixException("sendmsg", sent < 0 ? Errno.last() : Errno.EPROTO);
        }
    }

    /**
     * A message as it came.
     *
     * @param fds now the receiver's to close
     */
    public record Received(byte[] message, List<Fd> fds) {}

    /**
     * Waits for a message of at most {@code most} bytes; an empty one without descriptors is the
     * end of the connection.
     */
    public Received receive(int most) throws IOException {
        Pointer data = NativeMemory.allocate(most);
        Pointer header = NativeMemory.allocate(HEADER_BYTES);
        fillHeader(header, data, most);
        int controlBytes = CMSG_HEADER_BYTES + MOST_FDS * 4;
        Pointer control = NativeMemory.allocate(controlBytes);
        header.putPointer(32, control);
        header.putLong(40, controlBytes);
        long got = Libc.get().recvmsg(fd.number(), header, Libc.MSG_CMSG_CLOEXEC);
        if (got < 0) {
            throw new PosixException("recvmsg", Errno.last());
        }
        List<Fd> fds = new ArrayList<>();
        if (header.getLong(40) >= CMSG_HEADER_BYTES
                && control.getInt(8) == Libc.SOL_SOCKET
                && control.getInt(12) == Libc.SCM_RIGHTS) {
            long count = (control.getLong(0) - CMSG_HEADER_BYTES) / 4;
            for (int i = 0; i < count; i++) {
                fds.add(new Fd(control.getInt(CMSG_HEADER_BYTES + 4L * i)));
            }
        }
        byte[] message = new byte[(int) got];
        data.get(0, message, 0, message.length);
        return new Received(message, fds);
    }

    /** struct msghdr with its one iovec behind it. */
    private static void fillHeader(Pointer header, Pointer data, int bytes) {
        Pointer iovec = header.slice(MSGHDR_BYTES);
        iovec.putPointer(0, data);
        iovec.putLong(8, bytes);
        header.putPointer(16, iovec);
        header.putLong(24, 1);
    }

    /** Ends the connection; a thread in {@link #receive} sees its end. */
    @Override
    public void close() {
        try {
            Libc.get().shutdown(fd.number(), SHUT_RDWR);
        } catch (IllegalStateException alreadyClosed) {
            return;
        }
        fd.close();
    }
}
