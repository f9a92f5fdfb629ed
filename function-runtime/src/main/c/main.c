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
    int control;      /* -1: adopted */
    int pidfd;        /* of an adopted one, which is no child of ours; else -1 */
    int note;         /* the runtime's memory file about it; -1: none */
    uint64_t tag;     /* of the request under way, 0 for none */
    bool prepared;    /* the runtime knows it */
    bool app_exited;  /* status is the command's own */
    bool ended;       /* while no runtime was there to be told; only note, status and error are left */
    int status;
    int error;
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
    struct hl_message m = wire_message(type);
    if (slot) {
        m.slot = slot->id;
        m.pid = slot->pid;
        m.tag = slot->tag;
    }
    return m;
}

static void drop_client(void)
{
    if (client >= 0) {
        /* Not by close(2) alone: while a slot that is being cloned has a copy, the set goes on telling of
           it (epoll(7), questions and answers). */
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, client, NULL);
        close(client);
    }
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
        if (slots[i].id && slots[i].pidfd < 0 && slots[i].pid == pid)
            return &slots[i];
    return NULL;
}

static int watch(int fd, uint64_t data)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = data};
    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

/* In the child: keeps only its control socket and the cgroup files, at known places. */
static _Noreturn void become_slot(uint32_t place, int control, const int *join, size_t join_count)
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
    sandbox_main(&host, place, 3, kept, join_count);
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
    int joined[HL_MAX_FDS];
    memcpy(joined, join, join_count * sizeof *join);
    devices_bound(join, join_count);
    pid_t pid = clone_slot(NAMESPACES, joined, &join_count);
    if (pid == 0)
        become_slot((uint32_t)(slot - slots), pair[1], joined, join_count);
    int error = errno;
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        refuse(tag, HL_STEP_CLONE, error);
        return;
    }
    generation = generation % (UINT32_MAX / HL_MAX_SLOTS - 1) + 1;
    uint32_t id = generation * HL_MAX_SLOTS + (uint32_t)(slot - slots);
    *slot = (struct slot){.id = id, .pid = pid, .control = pair[0], .pidfd = -1, .note = -1, .tag = tag};
    if (watch(pair[0], slot->id)) {
        say("watching a slot");
        kill(pid, SIGKILL); /* reaped as any other end */
    }
}

static void kill_slot(const struct slot *slot)
{
    if (slot->ended)
        return;
    if (slot->pidfd >= 0)
        pidfd_signal(slot->pidfd, SIGKILL);
    else
        kill(slot->pid, SIGKILL); /* not reaped yet, so the number is still its own */
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

/* The set would go on telling of it while anyone has a copy (epoll(7), questions and answers). */
static void close_watched(int fd)
{
    if (fd >= 0) {
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        close(fd);
    }
}

static void free_slot(struct slot *slot)
{
    close_watched(slot->control);
    close_watched(slot->pidfd);
    close_if_open(slot->note);
    memset(slot, 0, sizeof *slot);
}

static void tell_end(const struct slot *slot, uint64_t tag)
{
    struct hl_message m = message_of(HL_EXITED, slot);
    m.tag = tag;
    m.status = slot->status;
    m.error = slot->error;
    tell_client(&m, &slot->note, slot->ended ? 1 : 0);
}

/*
 * Tells of an end. With nobody there, that of a slot with a note waits for the next runtime, which may have
 * to know how a job's task ended: HL_LIST tells it.
 */
static void end_slot(struct slot *slot, int status, int error)
{
    slot->status = status;
    slot->error = error;
    tell_end(slot, 0);
    if (client >= 0 || slot->note < 0) {
        free_slot(slot);
        return;
    }
    close_watched(slot->control);
    close_watched(slot->pidfd);
    slot->control = slot->pidfd = -1;
    slot->pid = 0;
    slot->tag = 0;
    slot->ended = true;
}

/* A received descriptor to keep: the caller closes those of the message. */
static int keep(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

static void take_note(struct slot *slot, const int *fds, size_t fd_count)
{
    close_if_open(slot->note);
    slot->note = fd_count == 1 ? keep(fds[0]) : -1;
}

/* Tells of every slot; one that cannot be told of could never be adopted, so it ends. */
static void list(uint64_t tag)
{
    for (size_t i = 0; i < HL_MAX_SLOTS; i++) {
        struct slot *slot = &slots[i];
        if (!slot->id)
            continue;
        if (slot->ended) {
            tell_end(slot, tag);
            if (client >= 0)
                free_slot(slot);
            continue;
        }
        int fds[2] = {slot->pidfd >= 0 ? slot->pidfd : pidfd_of(slot->pid), slot->note};
        if (fds[0] < 0) {
            kill_slot(slot);
            continue;
        }
        struct hl_message m = message_of(HL_SLOT, slot);
        m.tag = tag;
        tell_client(&m, fds, slot->note >= 0 ? 2 : 1);
        if (slot->pidfd < 0)
            close(fds[0]);
    }
    struct hl_message end = message_of(HL_LISTED, NULL);
    end.tag = tag;
    tell_client(&end, NULL, 0);
}

/* A slot of a launcher that died: watched and signalled by its pidfd alone. */
static void adopt(const struct hl_message *m, const int *fds, size_t fd_count)
{
    struct slot *slot = &slots[m->slot % HL_MAX_SLOTS];
    if (!m->slot || slot->id || fd_count < 1 || fd_count > 2 || stopping) {
        refuse(m->tag, HL_STEP_REQUEST, EEXIST);
        return;
    }
    *slot = (struct slot){.id = m->slot,
                          .pid = m->pid,
                          .control = -1,
                          .pidfd = keep(fds[0]),
                          .note = fd_count == 2 ? keep(fds[1]) : -1};
    if (slot->pidfd < 0 || watch(slot->pidfd, slot->id)) {
        int error = errno;
        free_slot(slot);
        refuse(m->tag, HL_STEP_REQUEST, error);
        return;
    }
    struct hl_message adopted = message_of(HL_ADOPTED, slot);
    adopted.tag = m->tag;
    tell_client(&adopted, NULL, 0);
}

static void on_adopted_end(struct slot *slot)
{
    int status = 0;
    int error = pidfd_exit_status(slot->pidfd, slot->pid, &status) ? errno : 0;
    end_slot(slot, status, error);
}

static void answer_client(struct hl_message *m, const int *fds, size_t fd_count)
{
    struct slot *slot;
    switch (m->type) {
    case HL_HELLO: {
        if (generation < m->slot / HL_MAX_SLOTS)
            generation = m->slot / HL_MAX_SLOTS;
        struct hl_message welcome = message_of(HL_WELCOME, NULL);
        welcome.tag = m->tag;
        welcome.pid = getpid();
        welcome.status = host.user_namespaces;
        tell_client(&welcome, NULL, 0);
        break;
    }
    case HL_PREPARE:
        prepare(m->tag, fds, fd_count);
        break;
    case HL_SHUTDOWN:
        stopping = true;
        for (size_t i = 0; i < HL_MAX_SLOTS; i++)
            if (slots[i].ended)
                free_slot(&slots[i]);
            else if (slots[i].id)
                kill_slot(&slots[i]);
        break;
    case HL_NOTE:
        slot = slot_by_id(m->slot);
        if (slot)
            take_note(slot, fds, fd_count);
        break;
    case HL_LIST:
        list(m->tag);
        break;
    case HL_ADOPT:
        adopt(m, fds, fd_count);
        break;
    default:
        refuse(m->tag, HL_STEP_REQUEST, EPROTO);
    }
}

/* Maybe of nothing: the event may have been an earlier client's, so this must not wait. */
static void on_client(void)
{
    struct hl_message m;
    int fds[HL_MAX_FDS];
    size_t fd_count;
    int got = wire_receive(client, MSG_DONTWAIT, &m, fds, &fd_count);
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
    /* Its tags are its own: what an earlier one asked for and did not live to hear is no answer to it. */
    for (size_t i = 0; i < HL_MAX_SLOTS; i++)
        slots[i].tag = 0;
    client = fd;
    if (watch(fd, UINT64_MAX - 1)) {
        say("watching the runtime");
        drop_client();
    }
}

/* With a pidfd, by which the runtime can act on the slot whatever becomes of us. */
static void tell_prepared(struct slot *slot, const struct hl_message *m, int *fds, size_t *fd_count)
{
    int pidfd = *fd_count < HL_MAX_FDS ? pidfd_of(slot->pid) : -1;
    if (pidfd < 0) {
        kill_slot(slot); /* its end is then the answer */
        return;
    }
    fds[(*fd_count)++] = pidfd;
    slot->prepared = true;
    slot->tag = 0;
    tell_client(m, fds, *fd_count);
}

/* Reads what a slot's init says: 1 when it said something, 0 when it has no more to say, -1 for now. */
static int hear_slot(struct slot *slot)
{
    struct hl_message m;
    int fds[HL_MAX_FDS];
    size_t fd_count;
    int got = wire_receive(slot->control, MSG_DONTWAIT, &m, fds, &fd_count);
    if (got != 1)
        return got < 0 && errno == EAGAIN ? -1 : 0;
    m.slot = slot->id;
    m.pid = slot->pid;
    m.tag = slot->tag;
    switch (m.type) {
    case HL_PREPARED:
        tell_prepared(slot, &m, fds, &fd_count);
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
    return 1;
}

static void on_slot(struct slot *slot)
{
    if (slot->pidfd >= 0)
        on_adopted_end(slot);
    else if (hear_slot(slot) == 0) /* ended; the child's death is told by SIGCHLD */
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, slot->control, NULL);
}

static void on_death(pid_t pid, int status)
{
    struct slot *slot = slot_by_pid(pid);
    if (!slot)
        return;
    while (hear_slot(slot) > 0)
        ; /* its last words may still be in the socket */
    if (slot->tag) {
        struct hl_message m = message_of(HL_FAILED, slot);
        m.step = HL_STEP_DIED;
        m.error = EIO;
        tell_client(&m, NULL, 0);
    }
    if (slot->prepared)
        end_slot(slot, slot->app_exited ? slot->status : status, 0);
    else
        free_slot(slot);
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
    if (chdir("/")) { /* where slots find their way from into their trees */
        say("entering /");
        return 1;
    }
    host.user_namespaces = userns_works(&host);
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
