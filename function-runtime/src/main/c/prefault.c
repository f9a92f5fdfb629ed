/*
 * Page faults of a process that was executed ahead of its request: taken before, by its tracer, instead of
 * when it runs. A static C server has some thirty until it listens, at 50 us each where a hypervisor has a part
 * in them.
 *
 * Reading a byte of another process (process_vm_readv(2)) maps its page for that process as its own read
 * would; writing one maps a private copy. All of it is a hint: what cannot be had is left to the process.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "launcher.h"

#define PAGE 4096u

/* The most of one process: 2 MiB of its file, and 256 KiB that become its own. */
#define MOST_READ 512u
#define MOST_WRITTEN 64u

/* Of one mapping: a stack is used from its end, data of a program's own from its beginning, and what libraries
   that are linked to it keep lies behind that. */
#define WRITTEN_FIRST 12u
#define WRITTEN_LAST 12u
#define WRITTEN_STACK 4u

struct pages {
    pid_t pid;
    size_t read_left, written_left;
};

/* The kernel maps the pages around one of a file, so that few of these take long. */
static void read_pages(struct pages *pages, uint64_t at, uint64_t end)
{
    char bytes[MOST_READ];
    struct iovec remote[MOST_READ];
    size_t count = 0;
    for (; at < end && count < pages->read_left; at += PAGE)
        remote[count++] = (struct iovec){.iov_base = (void *)(uintptr_t)at, .iov_len = 1};
    pages->read_left -= count;
    struct iovec local = {.iov_base = bytes, .iov_len = count};
    if (count)
        (void)process_vm_readv(pages->pid, &local, 1, remote, count, 0);
}

static void write_pages(struct pages *pages, uint64_t at, uint64_t end)
{
    for (; at < end && pages->written_left; at += PAGE, pages->written_left--) {
        char byte;
        struct iovec local = {.iov_base = &byte, .iov_len = 1};
        struct iovec remote = {.iov_base = (void *)(uintptr_t)at, .iov_len = 1};
        if (process_vm_readv(pages->pid, &local, 1, &remote, 1, 0) == 1)
            (void)process_vm_writev(pages->pid, &local, 1, &remote, 1, 0);
    }
}

static void map(struct pages *pages, const char *line)
{
    unsigned long long begin, end;
    char may[5];
    if (sscanf(line, "%llx-%llx %4s", &begin, &end, may) != 3 || may[0] != 'r')
        return; /* nobody's, or the kernel's own */
    if (may[1] != 'w') {
        read_pages(pages, begin, end);
        return;
    }
    uint64_t first = strstr(line, "[stack]") ? 0 : WRITTEN_FIRST * PAGE;
    uint64_t last = first ? WRITTEN_LAST * PAGE : WRITTEN_STACK * PAGE;
    if (end - begin > first + last) {
        write_pages(pages, begin, begin + first);
        begin = end - last;
    }
    write_pages(pages, begin, end);
}

void prefault(pid_t pid)
{
    char path[32];
    char maps[8192]; /* a program that was just executed has ten lines or so */
    snprintf(path, sizeof path, "/proc/%d/maps", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    struct pages pages = {.pid = pid, .read_left = MOST_READ, .written_left = MOST_WRITTEN};
    ssize_t length = read(fd, maps, sizeof maps - 1);
    close(fd);
    maps[length > 0 ? length : 0] = '\0';
    char *rest = maps;
    for (char *line; (line = strsep(&rest, "\n")) && rest;)
        map(&pages, line);
}
