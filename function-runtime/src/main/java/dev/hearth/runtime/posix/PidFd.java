package dev.hearth.runtime.posix;

/**
 * A process by descriptor (pidfd_open(2)): unlike its number, this never comes to mean another one.
 * Safe from any thread; once closed, signals are passed over.
 */
public final class PidFd implements AutoCloseable {
    private final Fd fd;
    private boolean closed;

    /** Takes over a descriptor that somebody else opened. */
    public PidFd(Fd fd) {
        this.fd = fd;
    }

    /** Sends a signal; a process that is gone is passed over. */
    public synchronized void signal(int signal) {
        if (!closed) {
            Libc.get().syscall(Libc.SYS_PIDFD_SEND_SIGNAL, fd.number(), signal, 0, 0);
        }
    }

    /** The descriptor, to be sent to somebody; stays this object's. */
    public Fd fd() {
        return fd;
    }

    @Override
    public synchronized void close() {
        closed = true;
        fd.close();
    }
}
