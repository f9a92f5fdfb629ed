/* Sending floods of descriptors, and finding those that were not closed. */
#ifndef HEARTH_FUZZ_DESCRIPTORS_H
#define HEARTH_FUZZ_DESCRIPTORS_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_SENT 253 /* SCM_MAX_FD: the kernel takes no more in one message */

static inline int open_below(int end)
{
    int open = 0;
    for (int fd = 0; fd < end; fd++)
        open += fcntl(fd, F_GETFD) >= 0;
    return open;
}

/*
 * Counts those open, before an input and after it. The kernel gives the lowest free number, so a few lost
 * ones are seen among the low numbers; now and then more are counted, which takes a while.
 */
struct census {
    int end, open;
};

static inline struct census descriptors_before(void)
{
    static unsigned long inputs;
    int end = inputs++ % 64 == 0 ? 2048 : 48;
    return (struct census){.end = end, .open = open_below(end)};
}

static inline void require_as_before(struct census before)
{
    if (open_below(before.end) != before.open)
        abort();
}

/* Sends `bytes` bytes and `count` copies of the descriptor `fd`. */
static inline void send_raw(int sock, const void *data, size_t bytes, size_t count, int fd)
{
    static char control[CMSG_SPACE(MOST_SENT * sizeof(int))];
    struct iovec part = {.iov_base = (void *)data, .iov_len = bytes};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > MOST_SENT)
        count = MOST_SENT;
    if (count > 0) {
        memset(control, 0, sizeof control);
        header.msg_control = control;
        header.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(count * sizeof(int));
        for (size_t i = 0; i < count; i++)
            memcpy(CMSG_DATA(rights) + i * sizeof fd, &fd, sizeof fd);
    }
    (void)sendmsg(sock, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
}

#endif
