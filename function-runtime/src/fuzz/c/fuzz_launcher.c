/*
 * The launcher's whole handling of messages, with the kernel's part of making processes played here: the
 * real main() runs in a thread of its own, from one epoll_wait to the next, and in between the input says
 * what the runtime or a slot does. It keeps running from input to input, as the real one does; at the end
 * of each all clients and slots are gone and every descriptor must be closed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sanitizer/common_interface_defs.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "descriptors.h"
#include "launcher.h"

#define MOST_PROCESSES 1024
#define MOST_ENDS 4

/* A process that clone_slot said it made, with our copies of the socket ends it would have. */
struct process {
    int ends[MOST_ENDS];
    size_t end_count;
    int life; /* closed at its death */
    int pidfd;
    bool alive, dead; /* dead: to be told by waitpid */
    int status;
};

static struct process processes[MOST_PROCESSES];
static int process_count;
static uint32_t known_slots[MOST_PROCESSES];
static size_t known_slot_count;
static int fresh_ends[MOST_ENDS];
static size_t fresh_end_count;
static int signal_in = -1, client = -1;
static int mortal[2]; /* what messages bring: like a pidfd, readable when its end has come */
static char socket_path[64];
static sem_t go, idle;
static bool launcher_ended;

#define FIRST_PID 0x40000000 /* above any that Linux gives */

int launcher_main(int argc, char **argv);
int __real_epoll_wait(int fd, struct epoll_event *events, int most, int timeout);
int __real_socketpair(int domain, int type, int protocol, int *pair);

/* What the launcher calls instead of the kernel. */

int __wrap_epoll_wait(int fd, struct epoll_event *events, int most, int timeout)
{
    (void)timeout;
    for (;;) {
        int count = __real_epoll_wait(fd, events, most, 0);
        if (count != 0)
            return count;
        sem_post(&idle);
        while (sem_wait(&go))
            ;
    }
}

int __wrap_socketpair(int domain, int type, int protocol, int *pair)
{
    int result = __real_socketpair(domain, type, protocol, pair);
    if (result == 0 && fresh_end_count < MOST_ENDS)
        fresh_ends[fresh_end_count++] = dup(pair[1]);
    return result;
}

pid_t __wrap_clone_slot(uint64_t namespaces, int *join, size_t *join_count)
{
    (void)namespaces;
    for (size_t i = 0; i < *join_count; i++)
        if (fcntl(join[i], F_GETFD) < 0)
            abort(); /* a descriptor that is not open */
    if (process_count == MOST_PROCESSES) {
        errno = EAGAIN;
        return -1;
    }
    struct process *p = &processes[process_count];
    *p = (struct process){.alive = true, .end_count = fresh_end_count};
    int pair[2];
    if (__real_socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        abort();
    p->life = pair[0];
    p->pidfd = pair[1];
    memcpy(p->ends, fresh_ends, sizeof fresh_ends);
    fresh_end_count = 0;
    return FIRST_PID + process_count++;
}

static void die(struct process *p, int status)
{
    if (!p->alive)
        return;
    p->alive = false;
    p->dead = true;
    p->status = status;
    for (size_t i = 0; i < p->end_count; i++)
        close(p->ends[i]);
    close(p->life);
    close(p->pidfd);
    struct signalfd_siginfo info = {.ssi_signo = SIGCHLD};
    (void)send(signal_in, &info, sizeof info, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int __wrap_kill(pid_t pid, int signal_number)
{
    if (pid < FIRST_PID || pid >= FIRST_PID + process_count)
        abort(); /* nobody of ours, or kill(2)'s special meanings of 0 and below */
    if (signal_number == SIGKILL)
        die(&processes[pid - FIRST_PID], SIGKILL);
    return 0;
}

pid_t __wrap_waitpid(pid_t pid, int *status, int options)
{
    (void)pid, (void)options;
    for (int i = 0; i < process_count; i++)
        if (processes[i].dead) {
            processes[i].dead = false;
            *status = processes[i].status;
            return FIRST_PID + i;
        }
    errno = ECHILD;
    return -1;
}

int __wrap_signalfd(int fd, const sigset_t *mask, int flags)
{
    (void)fd, (void)mask, (void)flags;
    int pair[2];
    if (__real_socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair))
        abort();
    signal_in = pair[1];
    return pair[0];
}

int __wrap_pidfd_of(pid_t pid)
{
    if (pid < FIRST_PID || pid >= FIRST_PID + process_count || !processes[pid - FIRST_PID].alive) {
        errno = ESRCH;
        return -1;
    }
    return fcntl(processes[pid - FIRST_PID].pidfd, F_DUPFD_CLOEXEC, 0);
}

int __wrap_pidfd_signal(int pidfd, int signal_number)
{
    (void)signal_number;
    return fcntl(pidfd, F_GETFD) < 0 ? -1 : 0;
}

int __wrap_pidfd_exit_status(int pidfd, pid_t pid, int *status)
{
    (void)pid;
    *status = 0;
    return fcntl(pidfd, F_GETFD) < 0 ? -1 : 0;
}

pid_t __wrap_setsid(void)
{
    return 1;
}

int __wrap_chdir(const char *path)
{
    (void)path;
    return 0;
}

bool __wrap_userns_works(const struct host *host)
{
    (void)host;
    return false;
}

int __wrap_sealed_run(char **argv)
{
    (void)argv;
    return 0;
}

int __wrap_seccomp_compile(const char *rules)
{
    (void)rules;
    return 0;
}

/* The runtime's and the slots' part. */

static void let_run(void)
{
    sem_post(&go);
    while (sem_wait(&idle))
        ;
    if (launcher_ended)
        abort(); /* nothing told it to */
}

static void connect_client(void)
{
    if (client >= 0)
        close(client);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, socket_path);
    client = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (client < 0 || connect(client, (struct sockaddr *)&address, sizeof address))
        abort();
}

static void hear_launcher(void)
{
    struct hl_message m;
    int fds[HL_MAX_FDS];
    size_t fd_count;
    while (client >= 0 && wire_receive(client, 0, &m, fds, &fd_count) == 1) {
        if (m.type == HL_PREPARED && known_slot_count < MOST_PROCESSES)
            known_slots[known_slot_count++] = m.slot;
        wire_close(fds, fd_count);
    }
}

/* Ends of slots with a note wait for the next runtime to ask; it takes what it is told along. */
static void hear_ends(void)
{
    struct hl_message list = {.magic = HL_MAGIC, .version = HL_VERSION, .type = HL_LIST, .tag = 1};
    connect_client();
    let_run();
    send_raw(client, &list, sizeof list, 0, -1);
    let_run();
    hear_launcher();
    close(client);
    client = -1;
    let_run();
}

struct input {
    const uint8_t *at;
    size_t left;
};

static uint8_t byte_of(struct input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->at++;
}

/* A message whose mark is right most of the time, and whose length too. */
static void send_message(struct input *in, int sock, bool from_runtime)
{
    struct hl_message m = {.magic = HL_MAGIC, .version = HL_VERSION};
    uint8_t shape = byte_of(in), which = byte_of(in);
    m.type = byte_of(in);
    m.tag = byte_of(in);
    m.status = (int8_t)byte_of(in);
    m.step = (int8_t)byte_of(in);
    m.slot = known_slot_count > 0 && which < 200 ? known_slots[which % known_slot_count] : which;
    size_t fds = shape & 0x40 ? byte_of(in) : shape % 4;
    size_t bytes = (shape & 0x38) == 0x38 ? byte_of(in) % (sizeof m + 1) : sizeof m;
    if ((shape & 0x83) == 0x83)
        m.magic ^= byte_of(in);
    if (from_runtime && m.type == HL_SHUTDOWN)
        m.type = HL_HELLO; /* it would end the target; LauncherGarbageTest does it to a real one */
    send_raw(sock, &m, bytes, fds, mortal[0]);
}

static struct process *any_process(struct input *in)
{
    uint8_t which = byte_of(in);
    return process_count > 0 ? &processes[which % process_count] : NULL;
}

static void act(struct input *in)
{
    struct process *p;
    switch (byte_of(in) % 8) {
    case 0:
        connect_client();
        break;
    case 1: {
        size_t fds = byte_of(in), bytes = byte_of(in);
        if (bytes > in->left)
            bytes = in->left;
        if (client >= 0)
            send_raw(client, in->at, bytes, fds, mortal[0]);
        in->at += bytes, in->left -= bytes;
        break;
    }
    case 2:
        p = any_process(in);
        if (p)
            die(p, byte_of(in) | byte_of(in) << 8);
        break;
    case 3:
    case 4:
        p = any_process(in);
        if (p && p->alive && p->end_count > 0)
            send_message(in, p->ends[byte_of(in) % p->end_count], false);
        break;
    case 5:
        if (client >= 0)
            close(client);
        client = -1;
        break;
    default:
        if (client >= 0)
            send_message(in, client, true);
    }
}

static void *run_launcher(void *unused)
{
    static char name[] = "hearth-launcher", directory[] = "/";
    char *argv[] = {name, socket_path, directory, directory, directory, directory, NULL};
    (void)unused;
    /* With as many paths as it wants; 2 is its word for the wrong number. */
    for (int argc = 4; launcher_main(argc, argv) == 2 && argc < 6; argc++)
        ;
    launcher_ended = true;
    sem_post(&idle);
    return NULL;
}

static void remove_socket(void)
{
    unlink(socket_path);
}

static void start_launcher(void)
{
    static pthread_t thread;
    snprintf(socket_path, sizeof socket_path, "/tmp/hearth-fuzz-%d.sock", (int)getpid());
    sem_init(&go, 0, 0);
    sem_init(&idle, 0, 0);
    if (pthread_create(&thread, NULL, run_launcher, NULL))
        abort();
    while (sem_wait(&idle))
        ;
    atexit(remove_socket);
    __sanitizer_set_death_callback(remove_socket);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    start_launcher();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct census before = descriptors_before();
    struct input in = {data, size};
    if (__real_socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, mortal))
        abort();
    connect_client();
    let_run();
    while (in.left > 0) {
        act(&in);
        let_run();
        hear_launcher();
    }
    if (client >= 0)
        close(client);
    client = -1;
    for (int i = 0; i < process_count; i++)
        die(&processes[i], 0);
    close(mortal[0]);
    close(mortal[1]);
    let_run();
    hear_ends();
    process_count = 0;
    known_slot_count = 0;
    require_as_before(before);
    return 0;
}
