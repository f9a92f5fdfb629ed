/* A small HTTP/1.1 server for tests and benches: it says Hello World, and misbehaves in every way a test may need.
 * Start, signals and the listening socket; http.c knows the wire format, connection.c one client, routes.c the answers. */
#define _GNU_SOURCE
#include "connection.h"
#include "loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stopping;

static void on_stop(int signal) {
    (void)signal;
    stopping = 1;
}

/* The handlers matter even without draining: as process 1 of its namespace a program without a handler
 * never gets SIGTERM. Both signals stay blocked except while waiting, so none slips in between test and wait. */
static sigset_t handle_signals(void) {
    sigset_t before, stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    sigprocmask(SIG_BLOCK, &stops, &before);
    sigdelset(&before, SIGTERM);
    sigdelset(&before, SIGINT);
    struct sigaction stop = {.sa_handler = on_stop}, ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, getenv("HELLO_IGNORE_TERM") ? &ignore : &stop, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    return before;
}

static long number_from_environment(const char *name, long fallback) {
    const char *value = getenv(name);
    return value && *value ? strtol(value, NULL, 10) : fallback;
}

/* The bad starts that tests ask for. */
static void obey_switches(const sigset_t *waiting_mask) {
    if (getenv("HELLO_EXIT")) {
        fprintf(stderr, "hello: exiting as asked\n");
        exit((int)number_from_environment("HELLO_EXIT", 1));
    }
    long delay = number_from_environment("HELLO_DELAY_MS", 0);
    if (delay > 0) {
        struct timespec wait = {delay / 1000, delay % 1000 * 1000000};
        ppoll(NULL, 0, &wait, waiting_mask);
    }
    while (getenv("HELLO_NO_LISTEN") && !stopping)
        ppoll(NULL, 0, NULL, waiting_mask);
    if (stopping)
        exit(0);
}

static int listen_on(long port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* accepted sockets inherit it on Linux */
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, SOMAXCONN) < 0) {
        fprintf(stderr, "hello: cannot listen on port %ld: %s; choose another with PORT\n", port, strerror(errno));
        exit(1);
    }
    return fd;
}

static void accept_all(void *owner, uint32_t events) {
    (void)events;
    struct source *listener = owner;
    for (;;) {
        int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            connection_open(fd);
        else if (errno == EMFILE || errno == ENFILE) {
            watch(listener, 0); /* until a connection is closed */
            return;
        } else if (errno != EINTR && errno != ECONNABORTED)
            return;
    }
}

/* The soft limit is made for select(); going up to the hard one needs no capability. */
static void allow_many_files(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

int main(void) {
    sigset_t waiting_mask = handle_signals();
    obey_switches(&waiting_mask);
    struct source listener = {.fd = listen_on(number_from_environment("PORT", 8080)), .ready = accept_all};
    listener.owner = &listener;
    allow_many_files();
    loop_open();
    watch(&listener, EPOLLIN);
    while (!stopping) {
        loop_turn(&waiting_mask);
        if (connections_reap())
            watch(&listener, EPOLLIN);
    }
    accept_all(&listener, EPOLLIN); /* clients whose connect() has succeeded are served, not reset */
    source_close(&listener);
    connections_drain();
    while (connections_open() > 0) {
        loop_turn(&waiting_mask);
        connections_reap();
    }
    return 0;
}
