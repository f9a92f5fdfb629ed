/* Cloning a slot's first process, on cgroup v2 straight into its group. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

static bool is_directory(int fd)
{
    struct stat file;
    return fstat(fd, &file) == 0 && S_ISDIR(file.st_mode);
}

/* Kernels before 5.7 know no CLONE_INTO_CGROUP, those before 5.3 no clone3(2), and a seccomp filter around
   a container that we run in may hide it. */
static bool is_unknown_call(int error)
{
    return error == ENOSYS || error == EINVAL || error == E2BIG;
}

pid_t clone_slot(uint64_t namespaces, int *join, size_t *join_count)
{
    bool born_inside = *join_count == 1 && is_directory(join[0]);
    if (born_inside) {
        /* Without a stack of its own the child goes on on a copy of ours, as after fork(2). Migrating it
           later instead costs a wait for all CPUs (RCU) under a lock that all forks of the host take. */
        struct clone_args args = {.flags = namespaces | CLONE_INTO_CGROUP,
                                  .exit_signal = SIGCHLD,
                                  .cgroup = (uint64_t)join[0]};
        long pid = syscall(SYS_clone3, &args, sizeof args);
        if (pid == 0)
            *join_count = 0;
        if (pid >= 0 || !is_unknown_call(errno))
            return (pid_t)pid;
    }
    pid_t pid = (pid_t)syscall(SYS_clone, namespaces | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0 && born_inside) /* -1 makes the write to it, and with it the joining, fail */
        join[0] = openat(join[0], "cgroup.procs", O_WRONLY | O_CLOEXEC);
    return pid;
}
