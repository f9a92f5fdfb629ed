#define _GNU_SOURCE
#include "routes.h"

#include "reply.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MIB = 1 << 20, READ_MAX = 64 * 1024, CONNECT_TIMEOUT_MILLISECONDS = 1000 };

static void reply_errno(struct connection *connection, int error) {
    reply_text(connection, 200, "%s: %s\n", strerrorname_np(error), strerror(error));
}

/* HELLO_FAIL=N makes every Nth a failure: a version that is worse than the one before. */
static void hello(struct connection *connection) {
    static long answers;
    const char *every = getenv("HELLO_FAIL");
    long n = every ? atol(every) : 0;
    if (n > 0 && ++answers % n == 0)
        reply(connection, 500, "as HELLO_FAIL says\n", 19);
    else
        reply(connection, 200, "Hello World!\n", 13);
}

static void headers(struct connection *connection) {
    reply(connection, 200, connection->request.head.at, connection->request.head.length);
}

static void environment(struct connection *connection) {
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    for (char **variable = environ; *variable; variable++)
        fprintf(memory, "%s\n", *variable);
    fclose(memory);
    reply(connection, 200, text, length);
    free(text);
}

static void wake(void *owner) {
    struct connection *connection = owner;
    reply_text(connection, 200, "slept\n");
    connection_advance(connection);
}

static void sleep_then_answer(struct connection *connection) {
    long milliseconds = number(&connection->request, "ms", 0);
    connection->phase = ANSWERING;
    timer_set(&connection->timer, milliseconds > 0 ? (uint64_t)milliseconds : 0, connection, wake);
}

static void send_chunk(void *owner) {
    struct connection *connection = owner;
    if (connection->chunks_sent < connection->chunks) {
        char text[32];
        int length = snprintf(text, sizeof text, "chunk %ld\n", ++connection->chunks_sent);
        reply_piece(connection, true, (struct text){text, (size_t)length});
    }
    if (connection->chunks_sent < connection->chunks)
        timer_set(&connection->timer, (uint64_t)connection->chunk_every_milliseconds, connection, send_chunk);
    else
        reply_end(connection, true);
    connection_advance(connection);
}

static void stream(struct connection *connection) {
    long chunks = number(&connection->request, "n", 10), every = number(&connection->request, "ms", 100);
    connection->chunks_sent = 0;
    connection->chunks = chunks > 0 ? chunks : 0;
    connection->chunk_every_milliseconds = every > 0 ? every : 0;
    connection->phase = ANSWERING;
    reply_begin(connection, true, 0);
    timer_set(&connection->timer, 0, connection, send_chunk);
}

static void zeros(struct connection *connection) {
    long bytes = number(&connection->request, "bytes", MIB);
    connection->zeros_left = bytes > 0 ? (uint64_t)bytes : 0;
    reply_begin(connection, false, connection->zeros_left);
    if (connection->zeros_left > 0)
        connection->phase = ANSWERING;
    else
        reply_end(connection, false);
}

static void exit_without_answer(struct connection *connection) {
    _exit((int)number(&connection->request, "code", 0));
}

static void status(struct connection *connection) {
    long code = number(&connection->request, "code", 200);
    if (code < 200 || code > 599)
        reply_text(connection, 400, "code must be from 200 to 599\n");
    else
        reply_text(connection, (int)code, "status %ld\n", code);
}

/* The memory is never given back: what an out-of-memory test needs. */
static void allocate(struct connection *connection) {
    long mib = number(&connection->request, "mb", 1);
    size_t size = (size_t)(mib > 0 ? mib : 0) * MIB;
    char *memory = size ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : NULL;
    if (memory == MAP_FAILED) {
        reply_errno(connection, errno);
        return;
    }
    for (size_t i = 0; i < size; i += 4096)
        ((volatile char *)memory)[i] = 1;
    reply_text(connection, 200, "allocated %ld MiB\n", mib);
}

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Counts CPU time, not wall time: under a CPU quota the answer comes later in proportion. */
static void spin(struct connection *connection) {
    long milliseconds = number(&connection->request, "ms", 0);
    double wall = seconds(CLOCK_MONOTONIC), until = seconds(CLOCK_PROCESS_CPUTIME_ID) + (double)milliseconds / 1e3;
    while (seconds(CLOCK_PROCESS_CPUTIME_ID) < until)
        ;
    reply_text(connection, 200, "spun %ld ms of CPU in %.0f ms\n", milliseconds, (seconds(CLOCK_MONOTONIC) - wall) * 1e3);
}

static int write_mebibytes(int fd, long mib) {
    static char block[MIB];
    memset(block, 'x', sizeof block);
    for (size_t left = (size_t)(mib > 0 ? mib : 0) * MIB; left > 0;) {
        ssize_t count = write(fd, block, left < sizeof block ? left : sizeof block);
        if (count < 0)
            return errno;
        left -= (size_t)count;
    }
    return 0;
}

static void write_file(struct connection *connection) {
    int fd = open("/tmp/file", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    int error = fd < 0 ? errno : write_mebibytes(fd, number(&connection->request, "mb", 1));
    if (fd >= 0 && close(fd) < 0 && error == 0)
        error = errno;
    if (error)
        reply_errno(connection, error);
    else
        reply_text(connection, 200, "ok\n");
}

/* The start of a file; -1 and errno when it cannot be read. */
static ssize_t read_start(const char *path, char *buffer, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -1;
    size_t length = 0;
    ssize_t count = 0;
    while (length < size && (count = read(fd, buffer + length, size - length)) > 0)
        length += (size_t)count;
    int error = errno;
    close(fd);
    errno = error;
    return count < 0 && length == 0 ? -1 : (ssize_t)length;
}

static void read_file(struct connection *connection) {
    static char buffer[READ_MAX];
    char path[4096];
    if (!parameter(&connection->request, "path", path, sizeof path)) {
        reply_text(connection, 400, "path is missing\n");
        return;
    }
    ssize_t length = read_start(path, buffer, sizeof buffer);
    if (length < 0)
        reply_errno(connection, errno);
    else
        reply(connection, 200, buffer, (size_t)length);
}

static void conclude_connect(struct connection *connection, int error) {
    source_close(&connection->outgoing);
    timer_clear(&connection->timer);
    if (error)
        reply_errno(connection, error);
    else
        reply_text(connection, 200, "connected\n");
}

static void on_connected(void *owner, uint32_t events) {
    (void)events;
    struct connection *connection = owner;
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(connection->outgoing.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    conclude_connect(connection, error);
    connection_advance(connection);
}

static void on_connect_timeout(void *owner) {
    conclude_connect(owner, ETIMEDOUT);
    connection_advance(owner);
}

static void try_connect(struct connection *connection) {
    char host[64];
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons((uint16_t)number(&connection->request, "port", 80));
    if (!parameter(&connection->request, "host", host, sizeof host) || inet_pton(AF_INET, host, &address.sin_addr) != 1) {
        reply_text(connection, 400, "host must be an IPv4 address\n");
        return;
    }
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    connection->outgoing = (struct source){.fd = fd, .owner = connection, .ready = on_connected};
    if (fd < 0 || (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)) {
        conclude_connect(connection, errno);
        return;
    }
    connection->phase = ANSWERING;
    watch(&connection->outgoing, EPOLLOUT);
    timer_set(&connection->timer, CONNECT_TIMEOUT_MILLISECONDS, connection, on_connect_timeout);
}

static void identity(struct connection *connection) {
    char host[256] = "", directory[1024] = "", proc[8192] = "", wanted[2048] = "";
    gethostname(host, sizeof host - 1);
    if (!getcwd(directory, sizeof directory))
        strcpy(directory, "?");
    ssize_t length = read_start("/proc/self/status", proc, sizeof proc - 1);
    proc[length > 0 ? length : 0] = '\0';
    size_t used = 0;
    char *rest = proc;
    for (char *line; (line = strsep(&rest, "\n"));)
        if (!strncmp(line, "Cap", 3) || !strncmp(line, "NoNewPrivs:", 11) || !strncmp(line, "Seccomp:", 8))
            used += (size_t)snprintf(wanted + used, sizeof wanted - used, "%s\n", line);
    reply_text(connection, 200, "uid=%d gid=%d\npid=%d\nhostname=%s\ncwd=%s\n%s", (int)getuid(), (int)getgid(),
               (int)getpid(), host, directory, wanted);
}

static void log_text(struct connection *connection) {
    char text[8192] = "";
    parameter(&connection->request, "text", text, sizeof text);
    dprintf(STDOUT_FILENO, "%s\n", text);
    dprintf(STDERR_FILENO, "err %s\n", text);
    reply_text(connection, 200, "logged\n");
}

static const struct {
    const char *path;
    void (*answer)(struct connection *connection);
} routes[] = {
    {"/", hello},
    {"/headers", headers},
    {"/env", environment},
    {"/sleep", sleep_then_answer},
    {"/stream", stream},
    {"/zeros", zeros},
    {"/upgrade", reply_upgrade},
    {"/exit", exit_without_answer},
    {"/status", status},
    {"/alloc", allocate},
    {"/spin", spin},
    {"/write", write_file},
    {"/read", read_file},
    {"/connect", try_connect},
    {"/id", identity},
    {"/log", log_text},
};

/* /echo is not here: it answers while the request is still arriving, see connection.c. */
void answer(struct connection *connection) {
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (text_is(connection->request.path, routes[i].path)) {
            routes[i].answer(connection);
            return;
        }
    }
    reply_text(connection, 404, "no such route\n");
}
