package dev.hearth.imagecache.unpack;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;

/**
 * The system calls that unpacking needs and Java's file API lacks: names as bytes, files relative
 * to an open directory, device nodes, owners, {@code trusted.*} attributes, syncfs.
 *
 * <p>A path is a string of which each character is one byte (Latin-1), because names in an image
 * need not be UTF-8 and Java's own paths depend on the process's locale. Each method is one system
 * call, named after it; see its page in section 2 of <a
 * href="https://man7.org/linux/man-pages/dir_section_2.html">the Linux manual</a>. Not for use by
 * two threads at once: an instance owns one set of buffers.
 */
final class Kernel implements AutoCloseable {
    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EEXIST = 17;
    static final int ENOTDIR = 20;
    static final int EINVAL = 22;
    static final int ENOSPC = 28;
    static final int ENOTEMPTY = 39;
    static final int EDQUOT = 122;

    /** Bytes of content that one {@link #write} takes. */
    static final int WRITE_BYTES = 128 * 1024;

    private static final boolean ARM = "aarch64".equals(System.getProperty("os.arch"));
    private static final int O_WRONLY = 1;
    private static final int O_CREAT = 0100;
    private static final int O_EXCL = 0200;
    private static final int O_DIRECTORY = ARM ? 040000 : 0200000;
    private static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;
    private static final int O_CLOEXEC = 02000000;
    private static final int AT_FDCWD = -100;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int S_IFCHR = 0020000;
    private static final int S_IFIFO = 0010000;
    private static final int SYNC_FILE_RANGE_WRITE = 2;
    private static final long OPENAT2 = 437;
    // RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH
    private static final long RESOLVE_STRICTLY = 0x01 | 0x02 | 0x04 | 0x08;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO_VALUE =
            STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle OPENAT = bind("openat", 3, i(), p(), i(), i());
    private static final MethodHandle SYSCALL = bind("syscall", 1, l(), i(), p(), p(), l());
    private static final MethodHandle MKDIRAT = bind("mkdirat", -1, i(), p(), i());
    private static final MethodHandle MKNODAT = bind("mknodat", -1, i(), p(), i(), l());
    private static final MethodHandle SYMLINKAT = bind("symlinkat", -1, p(), i(), p());
    private static final MethodHandle LINKAT = bind("linkat", -1, i(), p(), i(), p(), i());
    private static final MethodHandle UNLINKAT = bind("unlinkat", -1, i(), p(), i());
    private static final MethodHandle FCHOWNAT = bind("fchownat", -1, i(), p(), i(), i(), i());
    private static final MethodHandle FCHOWN = bind("fchown", -1, i(), i(), i());
    private static final MethodHandle FCHMOD = bind("fchmod", -1, i(), i());
    private static final MethodHandle UTIMENSAT = bind("utimensat", -1, i(), p(), p(), i());
    private static final MethodHandle FUTIMENS = bind("futimens", -1, i(), p());
    private static final MethodHandle FSETXATTR = bind("fsetxattr", -1, i(), p(), p(), l(), i());
    private static final MethodHandle WRITE = bind("write", -1, i(), p(), l());
    private static final MethodHandle CLOSE = bind("close", -1, i());
    private static final MethodHandle SYNCFS = bind("syncfs", -1, i());
    private static final MethodHandle SYNC_FILE_RANGE =
            bind("sync_file_range", -1, i(), l(), l(), i());
    private static final MethodHandle FSYNC = bind("fsync", -1, i());

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment errno = arena.allocate(STATE);
    private final MemorySegment name = arena.allocate(8192);
    private final MemorySegment otherName = arena.allocate(8192);
    private final MemorySegment times = arena.allocate(JAVA_LONG, 4);
    private final MemorySegment how = arena.allocate(JAVA_LONG, 3);
    private final MemorySegment bytes = arena.allocate(WRITE_BYTES);

    /** Opens a directory by an ordinary path, symbolic links followed: the node's own. */
    int openDirectory(String path) throws KernelException {
        int flags = O_DIRECTORY | O_CLOEXEC;
        return checked(
                "openat",
                path,
                () -> (int) OPENAT.invokeExact(errno, AT_FDCWD, text(name, path), flags, 0));
    }

    /**
     * Opens a directory below another; fails with ELOOP or EXDEV when any step of the way is a
     * symbolic link or leads out, whoever put it there.
     */
    int openBeneath(int directory, String path) throws KernelException {
        how.setAtIndex(JAVA_LONG, 0, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        how.setAtIndex(JAVA_LONG, 1, 0);
        how.setAtIndex(JAVA_LONG, 2, RESOLVE_STRICTLY);
        return (int)
                checkedLong(
                        "openat2",
                        path,
                        () ->
                                (long)
                                        SYSCALL.invokeExact(
                                                errno,
                                                OPENAT2,
                                                directory,
                                                text(name, path),
                                                how,
                                                24L));
    }

    /** A new, empty file, open for writing; EEXIST when there is anything of that name. */
    int createFile(int directory, String file) throws KernelException {
        int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
        return checked(
                "openat",
                file,
                () -> (int) OPENAT.invokeExact(errno, directory, text(name, file), flags, 0600));
    }

    void makeDirectory(int directory, String child) throws KernelException {
        checked(
                "mkdirat",
                child,
                () -> (int) MKDIRAT.invokeExact(errno, directory, text(name, child), 0700));
    }

    /** What overlayfs takes for "nothing here, whatever the layers below have": device 0/0. */
    void makeWhiteout(int directory, String child) throws KernelException {
        checked(
                "mknodat",
                child,
                () -> (int) MKNODAT.invokeExact(errno, directory, text(name, child), S_IFCHR, 0L));
    }

    void makeFifo(int directory, String child, int mode) throws KernelException {
        int type = S_IFIFO | mode;
        checked(
                "mknodat",
                child,
                () -> (int) MKNODAT.invokeExact(errno, directory, text(name, child), type, 0L));
    }

    void makeSymlink(String target, int directory, String child) throws KernelException {
        checked(
                "symlinkat",
                child,
                () ->
                        (int)
                                SYMLINKAT.invokeExact(
                                        errno,
                                        text(otherName, target),
                                        directory,
                                        text(name, child)));
    }

    /** A second name for a file; of a symbolic link, a second name for the link itself. */
    void makeHardLink(int targetDirectory, String target, int directory, String child)
            throws KernelException {
        checked(
                "linkat",
                child,
                () ->
                        (int)
                                LINKAT.invokeExact(
                                        errno,
                                        targetDirectory,
                                        text(otherName, target),
                                        directory,
                                        text(name, child),
                                        0));
    }

    void unlink(int directory, String child) throws KernelException {
        unlink(directory, child, 0);
    }

    void removeDirectory(int directory, String child) throws KernelException {
        unlink(directory, child, AT_REMOVEDIR);
    }

    private void unlink(int directory, String child, int flags) throws KernelException {
        checked(
                "unlinkat",
                child,
                () -> (int) UNLINKAT.invokeExact(errno, directory, text(name, child), flags));
    }

    /** Sets the owner of what the name itself is, a symbolic link included. */
    void changeOwner(int directory, String child, int user, int group) throws KernelException {
        checked(
                "fchownat",
                child,
                () ->
                        (int)
                                FCHOWNAT.invokeExact(
                                        errno,
                                        directory,
                                        text(name, child),
                                        user,
                                        group,
                                        AT_SYMLINK_NOFOLLOW));
    }

    void changeOwner(int file, int user, int group) throws KernelException {
        checked("fchown", "", () -> (int) FCHOWN.invokeExact(errno, file, user, group));
    }

    void changeMode(int file, int mode) throws KernelException {
        checked("fchmod", "", () -> (int) FCHMOD.invokeExact(errno, file, mode));
    }

    /** Sets access and change time of what the name itself is, a symbolic link included. */
    void setTimes(int directory, String child, long seconds, int nanos) throws KernelException {
        fillTimes(seconds, nanos);
        checked(
                "utimensat",
                child,
                () ->
                        (int)
                                UTIMENSAT.invokeExact(
                                        errno,
                                        directory,
                                        text(name, child),
                                        times,
                                        AT_SYMLINK_NOFOLLOW));
    }

    void setTimes(int file, long seconds, int nanos) throws KernelException {
        fillTimes(seconds, nanos);
        checked("futimens", "", () -> (int) FUTIMENS.invokeExact(errno, file, times));
    }

    void setAttribute(int file, String attribute, byte[] value) throws KernelException {
        if (value.length > WRITE_BYTES) {
            throw new KernelException("fsetxattr", attribute, EINVAL);
        }
        MemorySegment.copy(value, 0, bytes, ValueLayout.JAVA_BYTE, 0, value.length);
        long length = value.length;
        checked(
                "fsetxattr",
                attribute,
                () ->
                        (int)
                                FSETXATTR.invokeExact(
                                        errno, file, text(name, attribute), bytes, length, 0));
    }

    /** Writes all of it, {@link #WRITE_BYTES} at most. */
    void write(int file, byte[] content, int length) throws KernelException {
        MemorySegment.copy(content, 0, bytes, ValueLayout.JAVA_BYTE, 0, length);
        long done = 0;
        while (done < length) {
            long from = done;
            done +=
                    checkedLong(
                            "write",
                            "",
                            () ->
                                    (long)
                                            WRITE.invokeExact(
                                                    errno,
                                                    file,
                                                    bytes.asSlice(from),
                                                    (long) length - from));
        }
    }

    /** Waits until everything written to the file system of {@code file} is on its disk. */
    void syncFileSystem(int file) throws KernelException {
        checked("syncfs", "", () -> (int) SYNCFS.invokeExact(errno, file));
    }

    /**
     * Begins to write what a file has to its disk, and waits for nothing; false when that cannot be
     * done here, and {@link #syncFileSystem} has all the work.
     */
    boolean beginSync(int file) {
        try {
            checked(
                    "sync_file_range",
                    "",
                    () ->
                            (int)
                                    SYNC_FILE_RANGE.invokeExact(
                                            errno, file, 0L, 0L, SYNC_FILE_RANGE_WRITE));
            return true;
        } catch (KernelException e) {
            return false;
        }
    }

    void sync(int file) throws KernelException {
        checked("fsync", "", () -> (int) FSYNC.invokeExact(errno, file));
    }

    void close(int file) throws KernelException {
        checked("close", "", () -> (int) CLOSE.invokeExact(errno, file));
    }

    /** Frees the buffers; open files stay open. */
    @Override
    public void close() {
        arena.close();
    }

    private void fillTimes(long seconds, int nanos) {
        for (int i = 0; i < 4; i += 2) {
            times.setAtIndex(JAVA_LONG, i, seconds);
            times.setAtIndex(JAVA_LONG, i + 1, nanos);
        }
    }

    private static MemorySegment text(MemorySegment buffer, String latin1) {
        byte[] raw = latin1.getBytes(StandardCharsets.ISO_8859_1);
        MemorySegment.copy(raw, 0, buffer, ValueLayout.JAVA_BYTE, 0, raw.length);
        buffer.set(ValueLayout.JAVA_BYTE, raw.length, (byte) 0);
        return buffer;
    }

    private interface IntCall {
        int run() throws Throwable;
    }

    private interface LongCall {
        long run() throws Throwable;
    }

    private int checked(String call, String object, IntCall body) throws KernelException {
        return (int) checkedLong(call, object, body::run);
    }

    private long checkedLong(String call, String object, LongCall body) throws KernelException {
        long answer;
        try {
            answer = body.run();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a system call threw", e);
        }
        if (answer < 0) {
            throw new KernelException(call, object, (int) ERRNO_VALUE.get(errno, 0L));
        }
        return answer;
    }

    private static MethodHandle bind(
            String function, int firstVariadic, MemoryLayout... arguments) {
        boolean wide = function.equals("syscall") || function.equals("write");
        FunctionDescriptor type = FunctionDescriptor.of(wide ? JAVA_LONG : JAVA_INT, arguments);
        MemorySegment address = LINKER.defaultLookup().findOrThrow(function);
        return firstVariadic < 0
                ? LINKER.downcallHandle(address, type, ERRNO)
                : LINKER.downcallHandle(
                        address, type, ERRNO, Linker.Option.firstVariadicArg(firstVariadic));
    }

    private static MemoryLayout i() {
        return JAVA_INT;
    }

    private static MemoryLayout l() {
        return JAVA_LONG;
    }

    private static MemoryLayout p() {
        return ADDRESS;
    }
}
