/* Processes by descriptor (pidfd_open(2)): a number that cannot come to mean another process. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

/* Linux 6.15's include/uapi/linux/pidfd.h, which the C library's headers may be too old to have. */
struct exit_info {
    uint64_t mask;
    uint64_t cgroup;
    uint32_t ids[11];
    int32_t exit_code;
};
#define GET_INFO _IOWR(0xFF, 11, struct exit_info)
#define INFO_EXIT (1ull << 3)

int pidfd_of(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int pidfd_signal(int pidfd, int number)
{
    return (int)syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0);
}

/* Field 52 of /proc/PID/stat, while nobody has reaped it; proc(5). */
static int zombie_status(pid_t pid, int *status)
{
    char path[32], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (length <= 0)
        return -1;
    text[length] = '\0';
    char *name_end = strrchr(text, ')'); /* the name itself may have any character */
    char *last = strrchr(text, ' ');
    if (!name_end || strncmp(name_end, ") Z ", 4) != 0 || !last)
        return -1;
    *status = (int)strtol(last + 1, NULL, 10);
    return 0;
}

int pidfd_exit_status(int pidfd, pid_t pid, int *status)
{
    if (zombie_status(pid, status) == 0)
        return 0;
    struct exit_info info = {.mask = INFO_EXIT};
    if (ioctl(pidfd, GET_INFO, &info) || !(info.mask & INFO_EXIT)) {
        errno = ESRCH;
        return -1;
    }
    *status = info.exit_code;
    return 0;
}
