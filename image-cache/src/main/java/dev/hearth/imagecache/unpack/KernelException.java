package dev.hearth.imagecache.unpack;

import java.io.IOException;

/** A system call that failed: which one, on what, and the kernel's error number. */
public final class KernelException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    KernelException(String call, String object, int errno) {
        super(
                call
                        + (object.isEmpty() ? "" : " \"" + EntryName.shown(object) + "\"")
                        + " failed: "
                        + symbol(errno));
        this.errno = errno;
    }

    int errno() {
        return errno;
    }

    /** Whether the disk or the owner's share of it is full. */
    public boolean isDiskFull() {
        return errno == Kernel.ENOSPC || errno == Kernel.EDQUOT;
    }

    /** Whether the process lacks a right that unpacking needs: root's, to own files for others. */
    public boolean isNotPermitted() {
        return errno == Kernel.EPERM;
    }

    private static String symbol(int errno) {
        return switch (errno) {
            case Kernel.EPERM -> "EPERM";
            case Kernel.ENOENT -> "ENOENT";
            case Kernel.EEXIST -> "EEXIST";
            case Kernel.ENOTDIR -> "ENOTDIR";
            case Kernel.EINVAL -> "EINVAL";
            case Kernel.ENOSPC -> "ENOSPC";
            case Kernel.ENOTEMPTY -> "ENOTEMPTY";
            case Kernel.EDQUOT -> "EDQUOT";
            default -> "errno " + errno;
        };
    }
}
