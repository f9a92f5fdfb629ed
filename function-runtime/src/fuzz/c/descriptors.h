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
 * After every input the same descriptors are open. The kernel gives the lowest free number, so a few lost
 * ones are seen among the low numbers; now and then all are counted, which takes a while.
 */
static inline void require_no_lost_descriptor(void)
{
    static int low, all;
    static unsigned long inputs;
    if (inputs++ == 0) {
        low = open_below(48);
        all = open_below(2048);
    }
    if (open_below(48) != low || (inputs % 256 == 0 && open_below(2048) != all))
        abort();
}

/* Sends `bytes` bytes and `count` copies of descriptor 0. */
static inline void send_raw(int sock, const void *data, size_t bytes, size_t count)
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
        rights->cmsg_len = CMSG_LEN(count * sizeof(int)); /* all of them 0 */
    }
    (void)sendmsg(sock, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
}

#endif
