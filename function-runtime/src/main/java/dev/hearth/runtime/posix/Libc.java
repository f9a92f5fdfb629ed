package dev.hearth.runtime.posix;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * The C library functions that Java lacks, as the manual pages give them (man7.org, section 2).
 * Every one returns -1 and sets errno on failure; {@link Errno#last} reads it.
 */
public interface Libc {
    int AF_UNIX = 1;
    int AF_NETLINK = 16;
    int SOCK_RAW = 3;
    int SOCK_SEQPACKET = 5;
    int SOCK_CLOEXEC = 0x80000;
    int NETLINK_ROUTE = 0;
    int NETLINK_NETFILTER = 12;
    int SOL_SOCKET = 1;
    int SCM_RIGHTS = 1;
    int MSG_NOSIGNAL = 0x4000;
    int MSG_CMSG_CLOEXEC = 0x40000000;
    int O_RDONLY = 0;
    int O_WRONLY = 1;
    int O_CREAT = 0x40;
    int O_APPEND = 0x400;
    int O_CLOEXEC = 0x80000;
    int MFD_CLOEXEC = 1;

    int socket(int domain, int type, int protocol);

    int connect(int fd, Pointer address, int length);

    long sendmsg(int fd, Pointer header, int flags);

    long recvmsg(int fd, Pointer header, int flags);

    long send(int fd, Pointer data, long length, int flags);

    long recv(int fd, Pointer data, long length, int flags);

    int shutdown(int fd, int how);

    int close(int fd);

    int open(String path, int flags, int mode);

    int memfd_create(String name, int flags);

    long write(int fd, Pointer data, long length);

    int kill(int pid, int signal);

    int geteuid();

    int if_nametoindex(String name);

    /** The process's binding to libc. */
    static Libc get() {
        return Holder.LIBC;
    }

    /** The runtime that allocates native memory for {@link #get}. */
    static Runtime runtime() {
        return Holder.RUNTIME;
    }

    /** Binds on first use. */
    final class Holder {
        private static final Libc LIBC = LibraryLoader.create(Libc.class).load("c");
        private static final Runtime RUNTIME = Runtime.getRuntime(LIBC);

        private Holder() {}
    }
}
