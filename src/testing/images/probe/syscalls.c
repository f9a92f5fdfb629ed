/* System calls that no container may make. All arguments are such that little happens when they are let through. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALL(name) {#name, SYS_##name}
#define X32 0x40000000L

static const struct {
    const char *name;
    long number;
} forbidden[] = {
    CALL(acct), CALL(add_key), CALL(bpf), CALL(clock_settime), CALL(clone3), CALL(create_module), CALL(delete_module),
    CALL(fanotify_init), CALL(finit_module), CALL(fsconfig), CALL(fsmount), CALL(fsopen), CALL(fspick),
    CALL(get_mempolicy), CALL(init_module), CALL(io_uring_enter), CALL(io_uring_register), CALL(io_uring_setup),
    CALL(ioperm), CALL(iopl), CALL(kcmp), CALL(kexec_file_load), CALL(kexec_load), CALL(keyctl), CALL(lookup_dcookie),
    CALL(mbind), CALL(migrate_pages), CALL(modify_ldt), CALL(mount), CALL(mount_setattr), CALL(move_mount),
    CALL(move_pages), CALL(name_to_handle_at), CALL(nfsservctl), CALL(open_by_handle_at), CALL(open_tree),
    CALL(perf_event_open), CALL(pidfd_getfd), CALL(pivot_root), CALL(process_madvise), CALL(process_vm_readv),
    CALL(process_vm_writev), CALL(ptrace), CALL(query_module), CALL(quotactl), CALL(quotactl_fd), CALL(reboot),
    CALL(request_key), CALL(set_mempolicy), CALL(set_mempolicy_home_node), CALL(setdomainname), CALL(sethostname),
    CALL(setns), CALL(settimeofday), CALL(swapoff), CALL(swapon), CALL(_sysctl), CALL(sysfs), CALL(syslog),
    CALL(umount2), CALL(uselib), CALL(userfaultfd), CALL(ustat), CALL(vhangup),
};

static int call(const void *number) {
    long result = syscall(*(const long *)number, -1L, -1L, -1L, -1L, -1L, -1L);
    return result < 0 ? errno : 0;
}

static void forbidden_calls(FILE *out, const char *argument) {
    (void)argument;
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        tell_in_child(out, forbidden[i].name, call, &forbidden[i].number);
}

static int int80(const void *number) {
    long result;
    /* the 32-bit entry, whatever the program is made for; ebx, ecx and edx are the arguments */
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(*(const long *)number), "b"(0), "c"(0), "d"(0) : "memory", "r8", "r9", "r10", "r11");
    return result < 0 ? (int)-result : 0;
}

static void foreign_architectures(FILE *out, const char *argument) {
    (void)argument;
    static const long getpid32 = 20, socketcall = 102;
    static const long getpid_x32 = X32 | SYS_getpid, mount_x32 = X32 | SYS_mount;
    tell_in_child(out, "int80-getpid", int80, &getpid32);
    tell_in_child(out, "int80-socketcall", int80, &socketcall);
    tell_in_child(out, "x32-getpid", call, &getpid_x32);
    tell_in_child(out, "x32-mount", call, &mount_x32);
}

static const struct {
    const char *name;
    unsigned long flag;
} namespaces[] = {{"mount", CLONE_NEWNS}, {"cgroup", CLONE_NEWCGROUP}, {"uts", CLONE_NEWUTS}, {"ipc", CLONE_NEWIPC},
                  {"user", CLONE_NEWUSER}, {"pid", CLONE_NEWPID}, {"network", CLONE_NEWNET}, {"time", CLONE_NEWTIME}};

static int unshare_one(const void *flag) {
    return syscall(SYS_unshare, *(const unsigned long *)flag) < 0 ? errno : 0;
}

static int clone_one(const void *flag) {
    /* the kernel ignores what is above 32 bits, and so must the filter */
    long child = syscall(SYS_clone, *(const unsigned long *)flag | 1ul << 40 | SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        _exit(0);
    return child < 0 ? errno : 0;
}

static void new_namespaces(FILE *out, const char *argument) {
    (void)argument;
    static const unsigned long none = 0, files = CLONE_FILES | CLONE_FS;
    for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++) {
        char name[32];
        snprintf(name, sizeof name, "unshare-%s", namespaces[i].name);
        tell_in_child(out, name, unshare_one, &namespaces[i].flag);
        if (namespaces[i].flag == CLONE_NEWTIME)
            continue; /* lies in clone's byte for the signal */
        snprintf(name, sizeof name, "clone-%s", namespaces[i].name);
        tell_in_child(out, name, clone_one, &namespaces[i].flag);
    }
    tell_in_child(out, "unshare-files", unshare_one, &files);
    tell_in_child(out, "clone-none", clone_one, &none);
}

static void sockets(FILE *out, const char *argument) {
    (void)argument;
    static const struct {
        const char *name;
        long family;
        int type;
    } families[] = {{"unix", AF_UNIX, SOCK_STREAM},     {"inet", AF_INET, SOCK_STREAM},
                    {"inet6", AF_INET6, SOCK_STREAM},   {"netlink", AF_NETLINK, SOCK_RAW},
                    {"vsock", AF_VSOCK, SOCK_STREAM},   {"alg", AF_ALG, SOCK_SEQPACKET},
                    {"packet", AF_PACKET, SOCK_RAW},    {"key", AF_KEY, SOCK_RAW},
                    {"tipc", AF_TIPC, SOCK_SEQPACKET},  {"rds", AF_RDS, SOCK_SEQPACKET},
                    {"can", AF_CAN, SOCK_RAW},          {"bluetooth", AF_BLUETOOTH, SOCK_RAW},
                    {"xdp", AF_XDP, SOCK_RAW},          {"alg-high", AF_ALG | 1L << 32, SOCK_SEQPACKET},
                    {"vsock-high", AF_VSOCK | 1L << 32, SOCK_STREAM},
                    {"packet-high", AF_PACKET | 1L << 32, SOCK_RAW}};
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        tell(out, families[i].name, syscall(SYS_socket, families[i].family, families[i].type, 0));
    tell(out, "inet-raw", syscall(SYS_socket, AF_INET, SOCK_RAW, 1));
}

static void personalities(FILE *out, const char *argument) {
    (void)argument;
    tell(out, "ask", personality(0xffffffff));
    tell(out, "linux", personality(PER_LINUX));
    tell(out, "no-randomize", personality(ADDR_NO_RANDOMIZE));
    tell(out, "read-implies-exec", personality(READ_IMPLIES_EXEC));
    tell(out, "svr4", personality(PER_SVR4));
}

/* Another process's memory, by the two calls that are made for it. */
static void other_processes(FILE *out, const char *argument) {
    pid_t victim = *argument ? (pid_t)atoi(argument) : getppid();
    tell(out, "ptrace-attach", ptrace(PTRACE_ATTACH, victim, 0, 0));
    tell(out, "ptrace-seize", ptrace(PTRACE_SEIZE, victim, 0, 0));
    char byte;
    struct iovec here = {&byte, 1}, there = {(void *)(uintptr_t)&call, 1};
    tell(out, "read-memory", process_vm_readv(victim, &here, 1, &there, 1, 0));
}

const struct route syscall_routes[] = {
    {"/forbidden", forbidden_calls}, {"/foreign", foreign_architectures}, {"/namespaces", new_namespaces},
    {"/sockets", sockets},           {"/personality", personalities},     {"/others", other_processes},
    {NULL, NULL},
};
