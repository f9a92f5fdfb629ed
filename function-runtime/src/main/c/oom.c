/*
 * Out of memory ends the whole container. On cgroup v2 the kernel does it (memory.oom.group); on v1 it picks one
 * process, which leaves a container that may never answer again. There its init asks to be told
 * (cgroup.event_control, Documentation/admin-guide/cgroup-v1/memory.rst, section 10) and ends the rest.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "launcher.h"

/* Opens a file beside one of v1's `tasks`. */
static int open_beside(int tasks, const char *name, int flags)
{
    char link[32], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", tasks);
    ssize_t length = readlink(link, path, sizeof path);
    if (length <= 0 || (size_t)length + strlen(name) >= sizeof path)
        return -1;
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash)
        return -1;
    strcpy(slash + 1, name);
    return open(path, flags | O_CLOEXEC);
}

struct oom oom_watch(const int *join, size_t count)
{
    struct oom oom = {.event = -1, .control = -1};
    for (size_t i = 0; i < count && oom.control < 0; i++) {
        int orders = open_beside(join[i], "cgroup.event_control", O_WRONLY);
        int control = orders < 0 ? -1 : open_beside(join[i], "memory.oom_control", O_RDONLY);
        int event = control < 0 ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (event >= 0 && dprintf(orders, "%d %d", event, control) > 0) {
            oom = (struct oom){.event = event, .control = control};
        } else {
            close(event); /* those that are not open are passed over */
            close(control);
        }
        close(orders);
    }
    return oom;
}

bool oom_told(const struct oom *oom)
{
    uint64_t events;
    return read(oom->event, &events, sizeof events) == sizeof events;
}

bool oom_killed(const struct oom *oom)
{
    char text[128];
    ssize_t length = pread(oom->control, text, sizeof text - 1, 0);
    text[length > 0 ? length : 0] = '\0';
    const char *kills = strstr(text, "oom_kill ");
    return kills && strtoul(kills + strlen("oom_kill "), NULL, 10) > 0;
}
