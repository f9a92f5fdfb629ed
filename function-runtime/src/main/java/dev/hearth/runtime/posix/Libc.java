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
    int AF_INET = 2;
    int AF_NETLINK = 16;
    int SOCK_STREAM = 1;
    int SOCK_RAW = 3;
    int SOCK_SEQPACKET = 5;
    int SOCK_CLOEXEC = 0x80000;
    int NETLINK_ROUTE = 0;
    int NETLINK_NETFILTER = 12;
    int SOL_SOCKET = 1;
    int SCM_RIGHTS = 1;
    int SO_RCVTIMEO = 20;
    int SO_SNDTIMEO = 21;
    int MSG_NOSIGNAL = 0x4000;
    int MSG_CMSG_CLOEXEC = 0x40000000;
    int O_RDONLY = 0;
    int O_WRONLY = 1;
    int O_CREAT = 0x40;
    int O_APPEND = 0x400;
    int O_CLOEXEC = 0x80000;
    int MFD_CLOEXEC = 1;
    int PR_SET_TIMERSLACK = 29;
    int SO_PEERCRED = 17;
    long SYS_PIDFD_SEND_SIGNAL = 424;

    int socket(int domain, int type, int protocol);

    int connect(int fd, Pointer address, int length);

    int setsockopt(int fd, int level, int option, Pointer value, int length);

    int prctl(int option, long argument);

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

    int getsockopt(int fd, int level, int option, Pointer value, Pointer length);

    /** For calls that older C libraries have no function for. */
    long syscall(long number, long a, long b, long c, long d);

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
