/*
 * hearth-launcher SOCKET SLOT_DIR LAYERS_DIR SECCOMP_RULES
 *
 * Makes sandboxes for the runtime, which is a JVM and cannot: clone(2) into new namespaces wants a small,
 * single-threaded process. One thread, one epoll set, one client at a time (the newest wins, so that a
 * restarted runtime is never locked out by a dead one's socket).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher.h"

#define NAMESPACES (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET)

struct slot {
    uint32_t id; /* 0: free */
    pid_t pid;
    int control;
    uint64_t tag;     /* of the request under way, 0 for none */
    bool prepared;    /* the runtime knows it */
    bool app_exited;  /* status is the command's own */
    int status;
};

static struct slot slots[HL_MAX_SLOTS];
static uint32_t generation;
static int epoll_fd, listener, client = -1;
static bool stopping;
static struct host host;
static char *command_line; /* as ps shows it */
static size_t command_line_size;

static void say(const char *what)
{
    fprintf(stderr, "hearth-launcher: %s: %s\n", what, strerror(errno));
}

static struct hl_message message_of(enum hl_type type, const struct slot *slot)
{
    struct hl_message m = {.magic = HL_MAGIC, .version = HL_VERSION, .type = (uint16_t)type};
    if (slot) {
        m.slot = slot->id;
        m.pid = slot->pid;
        m.tag = slot->tag;
    }
    return m;
}

static void drop_client(void)
{
    if (client >= 0)
        close(client); /* leaves the epoll set by itself */
    client = -1;
}

static void tell_client(const struct hl_message *m, const int *fds, size_t fd_count)
{
    if (client >= 0 && wire_send(client, m, fds, fd_count)) {
        say("telling the runtime");
        drop_client();
    }
}

static void refuse(uint64_t tag, int step, int error)
{
    struct hl_message m = message_of(HL_FAILED, NULL);
    m.tag = tag;
    m.step = step;
    m.error = error;
    tell_client(&m, NULL, 0);
}

/* An id is a slot's place in the table plus a generation that makes it unique. */
static struct slot *slot_by_id(uint32_t id)
{
    struct slot *slot = &slots[id % HL_MAX_SLOTS];
    return id && slot->id == id ? slot : NULL;
}

static struct slot *slot_by_pid(pid_t pid)
{
    for (size_t i = 0; i < HL_MAX_SLOTS; i++)
        if (slots[i].id && slots[i].pid == pid)
            return &slots[i];
    return NULL;
}

static int watch(int fd, uint64_t data)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = data};
    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

/* In the child: keeps only its control socket and the cgroup files, at known places. */
static _Noreturn void become_slot(int control, const int *join, size_t join_count)
{
    int kept[HL_MAX_FDS + 1];
    int lowest = 100; /* above anything that dup2 below could overwrite */
    control = fcntl(control, F_DUPFD_CLOEXEC, lowest);
    for (size_t i = 0; i < join_count; i++)
        kept[i] = fcntl(join[i], F_DUPFD_CLOEXEC, lowest);
    dup2(control, 3);
    fcntl(3, F_SETFD, FD_CLOEXEC);
    for (size_t i = 0; i < join_count; i++) {
        dup2(kept[i], (int)(4 + i));
        fcntl((int)(4 + i), F_SETFD, FD_CLOEXEC);
        kept[i] = (int)(4 + i);
    }
    syscall(SYS_close_range, 4u + (unsigned)join_count, ~0u, 0u);
    /* The container can read its init's command line; it need not learn the host's paths from it. */
    memset(command_line, 0, command_line_size);
    snprintf(command_line, command_line_size, "hearth-init");
    sandbox_main(&host, 3, kept, join_count);
}

static void prepare(uint64_t tag, const int *join, size_t join_count)
{
    struct slot *slot = NULL;
    for (size_t i = 0; i < HL_MAX_SLOTS && !slot; i++)
        if (!slots[i].id)
            slot = &slots[i];
    if (!slot || stopping) {
        refuse(tag, HL_STEP_REQUEST, EAGAIN);
        return;
    }
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
        refuse(tag, HL_STEP_CLONE, errno);
        return;
    }
    pid_t pid = (pid_t)syscall(SYS_clone, NAMESPACES | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        become_slot(pair[1], join, join_count);
    int error = errno;
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        refuse(tag, HL_STEP_CLONE, error);
        return;
    }
    generation = generation % (UINT32_MAX / HL_MAX_SLOTS - 1) + 1;
    uint32_t id = generation * HL_MAX_SLOTS + (uint32_t)(slot - slots);
    *slot = (struct slot){.id = id, .pid = pid, .control = pair[0], .tag = tag};
    if (watch(pair[0], slot->id)) {
        say("watching a slot");
        kill(pid, SIGKILL); /* reaped as any other end */
    }
}

static void start(const struct hl_message *m, const int *fds, size_t fd_count)
{
    struct slot *slot = slot_by_id(m->slot);
    if (!slot || !slot->prepared || slot->tag) {
        refuse(m->tag, HL_STEP_REQUEST, ESRCH);
        return;
    }
    slot->tag = m->tag;
    if (wire_send(slot->control, m, fds, fd_count))
        kill(slot->pid, SIGKILL); /* its end is then the answer */
}

static void answer_client(struct hl_message *m, const int *fds, size_t fd_count)
{
    struct slot *slot;
    switch (m->type) {
    case HL_HELLO: {
        struct hl_message welcome = message_of(HL_WELCOME, NULL);
        welcome.tag = m->tag;
        welcome.pid = getpid();
        tell_client(&welcome, NULL, 0);
        break;
    }
    case HL_PREPARE:
        prepare(m->tag, fds, fd_count);
        break;
    case HL_START:
        start(m, fds, fd_count);
        break;
    case HL_SIGNAL:
        slot = slot_by_id(m->slot);
        if (slot && m->status > 0 && m->status < NSIG)
            kill(slot->pid, m->status);
        break;
    case HL_SHUTDOWN:
        stopping = true;
        for (size_t i = 0; i < HL_MAX_SLOTS; i++)
            if (slots[i].id)
                kill(slots[i].pid, SIGKILL);
        break;
    default:
        refuse(m->tag, HL_STEP_REQUEST, EPROTO);
    }
}

static void on_client(void)
{
    struct hl_message m;
    int fds[HL_MAX_FDS];
    size_t fd_count;
    int got = wire_receive(client, &m, fds, &fd_count);
    if (got == 1) {
        answer_client(&m, fds, fd_count);
        wire_close(fds, fd_count);
    } else if (got == 0 || (errno != EAGAIN && errno != EPROTO)) {
        drop_client();
    } else if (errno == EPROTO) {
        refuse(0, HL_STEP_REQUEST, EPROTO);
    }
}

static void on_listener(void)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) || peer.uid != geteuid()) {
        close(fd);
        return;
    }
    drop_client();
    client = fd;
    if (watch(fd, UINT64_MAX - 1)) {
        say("watching the runtime");
        drop_client();
    }
}

/* Reads what a slot's init says; returns false when it has no more to say. */
static bool hear_slot(struct slot *slot)
{
    struct hl_message m;
    int fds[HL_MAX_FDS];
    size_t fd_count;
    int got = wire_receive(slot->control, &m, fds, &fd_count);
    if (got != 1)
        return false;
    m.slot = slot->id;
    m.pid = slot->pid;
    m.tag = slot->tag;
    switch (m.type) {
    case HL_PREPARED:
        slot->prepared = true;
        slot->tag = 0;
        tell_client(&m, fds, fd_count);
        break;
    case HL_STARTED:
        slot->tag = 0;
        tell_client(&m, NULL, 0);
        break;
    case HL_FAILED:
        if (slot->tag)
            tell_client(&m, NULL, 0);
        slot->tag = 0;
        break;
    case HL_EXITED:
        slot->app_exited = true;
        slot->status = m.status;
        break;
    default:
        break;
    }
    wire_close(fds, fd_count);
    return true;
}

static void on_slot(struct slot *slot)
{
    if (!hear_slot(slot)) /* ended; the child's death is told by SIGCHLD */
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, slot->control, NULL);
}

static void on_death(pid_t pid, int status)
{
    struct slot *slot = slot_by_pid(pid);
    if (!slot)
        return;
    while (hear_slot(slot))
        ; /* its last words may still be in the socket */
    if (slot->tag) {
        struct hl_message m = message_of(HL_FAILED, slot);
        m.step = HL_STEP_DIED;
        m.error = EIO;
        tell_client(&m, NULL, 0);
    }
    if (slot->prepared) {
        struct hl_message m = message_of(HL_EXITED, slot);
        m.tag = 0;
        m.status = slot->app_exited ? slot->status : status;
        tell_client(&m, NULL, 0);
    }
    close(slot->control);
    memset(slot, 0, sizeof *slot);
}

static void on_signal(int signals)
{
    struct signalfd_siginfo info;
    while (read(signals, &info, sizeof info) == (ssize_t)sizeof info) {
        int status;
        pid_t pid;
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
            on_death(pid, status);
    }
}

static bool all_gone(void)
{
    for (size_t i = 0; i < HL_MAX_SLOTS; i++)
        if (slots[i].id)
            return false;
    return true;
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    mode_t before = umask(0177);
    unlink(path);
    int bound = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&address, sizeof address);
    umask(before);
    return bound || listen(fd, 4) ? -1 : fd;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: hearth-launcher SOCKET SLOT_DIR LAYERS_DIR SECCOMP_RULES\n");
        return 2;
    }
    if (sealed_run(argv)) {
        say("executing a sealed copy of the launcher");
        return 1;
    }
    if (seccomp_compile(argv[4]))
        return 1;
    host = (struct host){.slot_dir = strdup(argv[2]), .layers_dir = strdup(argv[3])};
    char *socket_path = strdup(argv[1]);
    if (!host.slot_dir || !host.layers_dir || !socket_path) {
        say("starting");
        return 1;
    }
    command_line = argv[0];
    command_line_size = (size_t)(argv[argc - 1] + strlen(argv[argc - 1]) + 1 - argv[0]);
    setsid(); /* a Ctrl-C meant for the runtime is not meant for its containers */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    int signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    listener = listen_at(socket_path);
    if (signals < 0 || epoll_fd < 0 || listener < 0 || watch(signals, UINT64_MAX) ||
        watch(listener, UINT64_MAX - 2)) {
        say("starting");
        return 1;
    }
    while (!(stopping && all_gone())) {
        struct epoll_event events[64];
        int count = epoll_wait(epoll_fd, events, 64, -1);
        if (count < 0 && errno != EINTR) {
            say("epoll_wait");
            return 1;
        }
        for (int i = 0; i < count; i++) {
            uint64_t what = events[i].data.u64;
            struct slot *slot = what <= UINT32_MAX ? slot_by_id((uint32_t)what) : NULL;
            if (what == UINT64_MAX)
                on_signal(signals);
            else if (what == UINT64_MAX - 1 && client >= 0)
                on_client();
            else if (what == UINT64_MAX - 2)
                on_listener();
            else if (slot)
                on_slot(slot);
        }
    }
    unlink(socket_path);
    return 0;
}
