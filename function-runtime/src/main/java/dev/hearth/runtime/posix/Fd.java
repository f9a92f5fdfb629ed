package dev.hearth.runtime.posix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** An open file descriptor with one owner, who closes it. */
public final class Fd implements AutoCloseable {
    private final AtomicInteger number;

    Fd(int number) {
        this.number = new AtomicInteger(number);
    }

    /** Opens an existing file for writing. */
    public static Fd openForWriting(Path path) throws IOException {
        return open(path, Libc.O_WRONLY | Libc.O_CLOEXEC);
    }

    /** Opens an existing file for reading. */
    public static Fd openForReading(Path path) throws IOException {
        return open(path, Libc.O_RDONLY | Libc.O_CLOEXEC);
    }

    /** Opens a file, made when absent with mode 0600, whose writes all go to its end. */
    public static Fd openForAppending(Path path) throws IOException {
        return open(path, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_APPEND | Libc.O_CLOEXEC);
    }

    /** A file in memory only, holding {@code content}. */
    public static Fd memory(String name, byte[] content) throws IOException {
        Fd fd = check("memfd_create " + name, Libc.get().memfd_create(name, Libc.MFD_CLOEXEC));
        try {
            fd.write(content);
            return fd;
        } catch (IOException e) {
            fd.close();
            throw e;
        }
    }

    /** Writes all of it in one call (write(2)), as the kernel's control files want it. */
    public void write(byte[] content) throws IOException {
        long written = Libc.get().write(number(), NativeMemory.of(content), content.length);
        if (written != content.length) {
            throw new PosixException("write", written < 0 ? Errno.last() : Errno.ENOSPC);
        }
    }

    /** Everything in it from its start, wherever it was written to; at most {@code most} bytes. */
    public byte[] content(int most) throws IOException {
        Path again = Path.of("/proc/self/fd/" + number());
        if (Files.size(again) > most) {
            throw new PosixException("read " + again, Errno.E2BIG);
        }
        return Files.readAllBytes(again);
    }

    private static Fd open(Path path, int flags) throws IOException {
        return check("open " + path, Libc.get().open(path.toString(), flags, 0600));
    }

    static Fd check(String call, int result) throws PosixException {
        if (result < 0) {
            throw new PosixException(call, Errno.last());
        }
        return new Fd(result);
    }

    /** The descriptor's number; throws IllegalStateException once closed. */
    public int number() {
        int n = number.get();
        if (n < 0) {
            throw new IllegalStateException("file descriptor is closed");
        }
        return n;
    }

    /** Closes it once; later calls do nothing. */
    @Override
    public void close() {
        int n = number.getAndSet(-1);
        if (n >= 0) {
            Libc.get().close(n);
        }
    }
}
