/* Taking more than one's share. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1 << 20, MOST = 1000000 };

static void hello(FILE *out, const char *argument) {
    (void)argument;
    fprintf(out, "here\n");
}

/* Every process forks as often as it can, its children too, until the kernel says no; then they stay. */
static void fork_bomb(FILE *out, const char *argument) {
    (void)argument;
    fflush(out);
    pid_t child = fork();
    if (child == 0) {
        close_range(3, ~0u, 0); /* the request is answered, and must not wait for them */
        for (;;)
            if (fork() < 0)
                pause();
    }
    tell(out, "bomb", child);
}

/* Thousands of children that nobody waits for, a few hundred at a time; then their parents go. */
static void zombies(FILE *out, const char *argument) {
    int wanted = atoi(argument), made = 0;
    fflush(out);
    while (made < wanted) {
        int pipes[2];
        if (pipe(pipes))
            break;
        pid_t parent = fork();
        if (parent == 0) {
            int count = 0;
            for (; count < 200; count++) {
                pid_t child = fork();
                if (child == 0)
                    _exit(0);
                if (child < 0)
                    break;
            }
            _exit(write(pipes[1], &count, sizeof count) != sizeof count);
        }
        close(pipes[1]);
        int count = 0;
        if (parent < 0 || read(pipes[0], &count, sizeof count) != sizeof count)
            count = 0;
        close(pipes[0]);
        waitpid(parent, NULL, 0);
        if (count == 0)
            break;
        made += count;
    }
    fprintf(out, "%d\n", made);
}

static void memory_bomb(FILE *out, const char *argument) {
    (void)argument;
    for (long mib = 0; mib < 1 << 20; mib++) {
        char *more = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (more == MAP_FAILED) {
            fprintf(out, "%ld %s\n", mib, strerrorname_np(errno));
            return;
        }
        memset(more, 1, MIB);
    }
}

static void descriptor_bomb(FILE *out, const char *argument) {
    (void)argument;
    int count = 0;
    while (count < MOST && dup(0) >= 0)
        count++;
    fprintf(out, "%d %s\n", count, strerrorname_np(errno));
}

/* Writes to a file until something gives; tells the MiB. */
static void fill(FILE *out, const char *path) {
    static char block[MIB];
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    size_t bytes = 0;
    ssize_t count = 0;
    while (fd >= 0 && (count = write(fd, block, sizeof block)) > 0)
        bytes += (size_t)count;
    int error = errno;
    unlink(path);
    fprintf(out, "%zu %s\n", bytes / MIB, strerrorname_np(error));
}

static void inode_bomb(FILE *out, const char *directory) {
    char name[4096];
    int count = 0, error = 0;
    for (; count < MOST; count++) {
        snprintf(name, sizeof name, "%s/inode-%d", directory, count);
        int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0) {
            error = errno;
            break;
        }
        close(fd);
    }
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%s/inode-%d", directory, i);
        unlink(name);
    }
    fprintf(out, "%d %s\n", count, error ? strerrorname_np(error) : "ok");
}

/* MiB of bytes without a line's end, to the log. */
static void flood(FILE *out, const char *argument) {
    static char block[MIB];
    memset(block, 0xfe, sizeof block);
    long mib = 0, wanted = atol(argument);
    while (mib < wanted && write(1, block, sizeof block) > 0)
        mib++;
    fprintf(out, "%ld\n", mib);
}

const struct route resource_routes[] = {
    {"/", hello},
    {"/fork-bomb", fork_bomb},
    {"/zombies", zombies},
    {"/memory-bomb", memory_bomb},
    {"/descriptor-bomb", descriptor_bomb},
    {"/fill", fill},
    {"/inode-bomb", inode_bomb},
    {"/flood", flood},
    {NULL, NULL},
};
