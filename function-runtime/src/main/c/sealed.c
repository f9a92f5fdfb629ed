/*
 * The launcher runs from a sealed copy of itself in memory. A container's command is, until its execve,
 * a process of the launcher's; whoever gets hold of its /proc/self/exe (CVE-2019-5736) then holds memory
 * that nobody can write, and not the file on the host's disk.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x10u
#endif

static const int SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

static int copy_of(int file)
{
    struct stat status;
    if (fstat(file, &status))
        return -1;
    int copy = memfd_create("hearth-launcher", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
    if (copy < 0 && errno == EINVAL) /* before Linux 6.3 there was no such flag, and all could be executed */
        copy = memfd_create("hearth-launcher", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (copy < 0)
        return -1;
    for (off_t at = 0; at < status.st_size;) {
        ssize_t sent = sendfile(copy, file, &at, (size_t)(status.st_size - at));
        if (sent <= 0) {
            errno = sent == 0 ? EIO : errno;
            return -1;
        }
    }
    return fcntl(copy, F_ADD_SEALS, SEALS) ? -1 : copy;
}

int sealed_run(char **argv)
{
    int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (self < 0)
        return -1;
    int seals = fcntl(self, F_GET_SEALS);
    if (seals >= 0 && (seals & SEALS) == SEALS) {
        close(self);
        /* Executed by descriptor, its name would be the descriptor's number (before Linux 6.14). */
        return prctl(PR_SET_NAME, "hearth-launcher", 0, 0, 0);
    }
    int copy = copy_of(self);
    if (copy < 0)
        return -1;
    return (int)syscall(SYS_execveat, copy, "", argv, environ, AT_EMPTY_PATH);
}
