/* Messages and descriptors over a seqpacket socket. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "launcher.h"

union control_buffer {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(HL_MAX_FDS * sizeof(int))];
};

struct hl_message wire_message(enum hl_type type)
{
    return (struct hl_message){.magic = HL_MAGIC, .version = HL_VERSION, .type = (uint16_t)type};
}

int wire_send(int sock, const struct hl_message *message, const int *fds, size_t fd_count)
{
    struct iovec part = {.iov_base = (void *)message, .iov_len = sizeof *message};
    union control_buffer control;
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd_count > HL_MAX_FDS) {
        errno = EINVAL;
        return -1;
    }
    if (fd_count > 0) {
        memset(&control, 0, sizeof control);
        header.msg_control = control.bytes;
        header.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
        struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
        memcpy(CMSG_DATA(rights), fds, fd_count * sizeof(int));
    }
    ssize_t sent;
    do {
        sent = sendmsg(sock, &header, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -1 : 0;
}

void wire_close(const int *fds, size_t fd_count)
{
    for (size_t i = 0; i < fd_count; i++)
        close(fds[i]);
}

int wire_receive(int sock, int flags, struct hl_message *message, int *fds, size_t *fd_count)
{
    struct iovec part = {.iov_base = message, .iov_len = sizeof *message};
    union control_buffer control;
    struct msghdr header = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes};
    *fd_count = 0;
    ssize_t got;
    do {
        got = recvmsg(sock, &header, flags | MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return -1;

    /* Take the descriptors before judging the message: whatever came must be closed by someone. */
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
            if (*fd_count < HL_MAX_FDS)
                fds[(*fd_count)++] = fd;
            else
                close(fd);
        }
    }
    if (got == 0) { /* the end, or an empty message, which may bring descriptors all the same */
        wire_close(fds, *fd_count);
        *fd_count = 0;
        return 0;
    }
    bool whole = got == (ssize_t)sizeof *message && !(header.msg_flags & (MSG_TRUNC | MSG_CTRUNC));
    if (!whole || message->magic != HL_MAGIC || message->version != HL_VERSION) {
        wire_close(fds, *fd_count);
        *fd_count = 0;
        errno = EPROTO;
        return -1;
    }
    return 1;
}
