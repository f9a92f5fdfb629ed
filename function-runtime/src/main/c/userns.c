/* User namespaces: root of a container is nobody on the host. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher.h"

uid_t userns_root(const struct host *host, uint32_t place)
{
    return host->user_namespaces ? IDS_FIRST + place * IDS_PER_SLOT : 0;
}

int userns_map(pid_t pid, uid_t root)
{
    static const char *const maps[] = {"uid_map", "gid_map"};
    char line[48];
    int length = snprintf(line, sizeof line, "0 %u %u\n", root, IDS_PER_SLOT - 1);

    for (size_t i = 0; i < 2; i++) {
        char path[48];
        snprintf(path, sizeof path, "proc/%d/%s", pid, maps[i]);
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
            return -1;
        ssize_t written = write(fd, line, (size_t)length);
        int error = errno;
        close(fd);
        if (written != length) {
            errno = error;
            return -1;
        }
    }
    return 0;
}

/* All that a start does with a user namespace, with the whole store for a layer. */
static int try_all(const struct host *host)
{
    static const struct hl_spec no_layers = {.layer_count = 1};
    static const char *layers[] = {".", NULL};
    struct spec spec = {.header = &no_layers, .layers = layers};
    uid_t root = userns_root(host, HL_MAX_SLOTS - 1);
    struct command command = {.socket = -1, .userns = -1};
    int step;

    if (rootfs_park(host, root, &step) || command_park(host, root, &command, &step) ||
        rootfs_park_layers(host, root, command.userns, &step) || rootfs_overlay(&spec))
        return step;
    return 0;
}

bool userns_works(const struct host *host)
{
    struct host with = *host;
    with.user_namespaces = true;
    /* In namespaces of its own, so that it takes its mounts and its child with it. */
    pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET | SIGCHLD,
                               0, 0, 0, 0);
    if (pid == 0) {
        int failed = try_all(&with);
        if (failed)
            fprintf(stderr, "hearth-launcher: user namespaces: step %d: %s\n", failed, strerror(errno));
        _exit(failed ? 1 : 0);
    }
    int status;
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}
