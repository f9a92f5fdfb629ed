/*
 * Messages as they come from a socket. The input is a row of messages: length, descriptors, whether the
 * mark is made right, then the bytes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>

#include "descriptors.h"
#include "launcher.h"

static void receive_all(int sock)
{
    for (;;) {
        struct hl_message m;
        int fds[HL_MAX_FDS];
        size_t fd_count = 12345;
        int got = wire_receive(sock, 0, &m, fds, &fd_count);
        if (got == 1 && (m.magic != HL_MAGIC || m.version != HL_VERSION))
            abort();
        if (fd_count > HL_MAX_FDS || (got != 1 && fd_count != 0))
            abort();
        for (size_t i = 0; i < fd_count; i++)
            if (!(fcntl(fds[i], F_GETFD) & FD_CLOEXEC))
                abort();
        wire_close(fds, fd_count);
        if (got == 0 || (got < 0 && errno != EPROTO))
            return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct census before = descriptors_before();
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair))
        abort();
    while (size >= 3) {
        size_t bytes = data[0], count = data[1];
        bool marked = data[2] & 1;
        data += 3, size -= 3;
        if (bytes > size)
            bytes = size;
        uint8_t message[256] = {0};
        memcpy(message, data, bytes);
        data += bytes, size -= bytes;
        if (marked) { /* else hardly any input would get past the first check */
            struct hl_message m = {.magic = HL_MAGIC, .version = HL_VERSION};
            memcpy(message, &m, bytes < 6 ? bytes : 6);
            if (data[-1] & 1)
                bytes = sizeof m;
        }
        send_raw(pair[1], message, bytes, count, pair[1]);
        if (message[0] & 1) /* sometimes one by one, sometimes many waiting */
            receive_all(pair[0]);
    }
    close(pair[1]);
    receive_all(pair[0]);
    close(pair[0]);
    require_as_before(before);
    return 0;
}
