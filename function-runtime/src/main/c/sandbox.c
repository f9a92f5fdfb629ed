/*
 * A slot's first process. It parks with everything made that does not depend on the revision, waits for its
 * orders, mounts and enters the root filesystem, lets its child become the command, and from then on is the
 * container's init: it passes signals on and reaps.
 *
 * Two sockets: `control` goes to the launcher, which hears of the slot's making and of its end; `runtime`
 * goes straight to the runtime, for the start. When the runtime lets go of a slot before it started, the
 * slot ends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "launcher.h"

uint64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

/* Tells whoever waits at the other end of `socket`. */
static _Noreturn void fail(int socket, int step, int error)
{
    struct hl_message m = wire_message(HL_FAILED);
    m.step = step;
    m.error = error;
    (void)wire_send(socket, &m, NULL, 0); /* if it is gone, nobody is left to tell */
    _exit(1);
}

static void join_cgroups(int control, const int *join, size_t count)
{
    /* "0" means the writer itself; being single-threaded it may use v1's `tasks`, which spares the lock
       over all thread groups that `cgroup.procs` takes. */
    for (size_t i = 0; i < count; i++) {
        if (write(join[i], "0", 1) != 1)
            fail(control, HL_STEP_CGROUP, errno);
        close(join[i]);
    }
    /* After joining, so that its own cgroup is the root of what it sees. */
    if (unshare(CLONE_NEWCGROUP))
        fail(control, HL_STEP_CGROUP, errno);
}

/* Gives the runtime a netlink socket to finish the network with, and its end of our own socket; returns ours. */
static int announce_parked(int control)
{
    int pair[2];
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (netlink < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        fail(control, HL_STEP_NETLINK, errno);
    struct hl_message m = wire_message(HL_PREPARED);
    int handed[] = {netlink, pair[1]};
    if (wire_send(control, &m, handed, 2))
        _exit(1);
    wire_close(handed, 2);
    return pair[0];
}

/* How often and how long after each other: for ten seconds. */
#define OOM_LOOKS 2000
#define OOM_LOOK_MILLIS 5

/* Reaps what has ended, and ends when the command has. */
static void reap(int control, pid_t command)
{
    int status;
    pid_t dead;
    while ((dead = waitpid(-1, &status, WNOHANG)) > 0) {
        if (dead != command)
            continue;
        struct hl_message m = wire_message(HL_EXITED);
        m.status = status;
        (void)wire_send(control, &m, NULL, 0);
        /* The kernel kills whatever else is in this pid namespace. The code is for a launcher that is
           not our parent, whose predecessor had the other end of the socket. */
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
}

/* Passes termination on to the command, reaps what is orphaned, and sees to it that the container ends whole. */
static _Noreturn void be_init(int control, pid_t command, int signals, const struct oom *oom)
{
    struct pollfd watched[] = {{.fd = signals, .events = POLLIN}, {.fd = oom->event, .events = POLLIN}};
    int looks = 0; /* for the kill that the kernel has told of, which a slow console can delay by seconds */
    for (;;) {
        if (poll(watched, sizeof watched / sizeof *watched, looks ? OOM_LOOK_MILLIS : -1) < 0)
            continue;
        if (watched[1].revents && oom_told(oom))
            looks = OOM_LOOKS;
        if (looks && oom_killed(oom))
            kill(-1, SIGKILL); /* all but us; the command is among them, so we end as well */
        looks -= looks > 0;
        struct signalfd_siginfo info;
        if (!watched[0].revents || read(signals, &info, sizeof info) != sizeof info)
            continue;
        if (info.ssi_signo == SIGCHLD)
            reap(control, command);
        else
            kill(command, (int)info.ssi_signo);
    }
}

/* Hears the next order: of this type, or of the other one, with as many descriptors as belong to it. */
static enum hl_type hear_order(int runtime, enum hl_type type, enum hl_type other, int *fds, size_t fd_count)
{
    struct hl_message order;
    int got[HL_MAX_FDS];
    size_t got_count;
    if (wire_receive(runtime, 0, &order, got, &got_count) != 1)
        _exit(0); /* the runtime let go of this slot */
    if ((order.type != type && order.type != other) || got_count != fd_count)
        fail(runtime, HL_STEP_REQUEST, EPROTO);
    for (size_t i = 0; i < fd_count; i++)
        fds[i] = got[i];
    return order.type;
}

static void tell(int runtime, enum hl_type type, uint64_t rootfs_ns, uint64_t exec_ns)
{
    struct hl_message m = wire_message(type);
    m.rootfs_ns = rootfs_ns;
    m.exec_ns = exec_ns;
    (void)wire_send(runtime, &m, NULL, 0); /* it hears the end of the socket, if it is there */
}

/* What an init keeps, once the container's tree is made. */
static void become_init(int runtime, uid_t root)
{
    if (process_drop_to_init(root ? root + IDS_PER_SLOT - 1 : 0))
        fail(runtime, HL_STEP_CAPABILITIES, errno);
}

/*
 * The cold start as the slot sees it: at once (HL_START), or in two parts, of which the first was done before
 * the request came (HL_LOAD, then HL_START). In between the command is the tenant's program, but none of it
 * has run.
 */
static void start(int runtime, uid_t root, const struct command *command)
{
    int fds[2];
    struct spec spec;
    int step;

    bool ahead = hear_order(runtime, HL_START, HL_LOAD, fds, 2) == HL_LOAD;
    uint64_t begun = monotonic_ns();
    int error = spec_read(fds[0], &spec);
    if (error)
        fail(runtime, HL_STEP_SPEC, error);
    if (sethostname(spec.hostname, strlen(spec.hostname)))
        fail(runtime, HL_STEP_HOSTNAME, errno);
    if ((ahead && command_hold(command, &step)) || rootfs_enter(&spec, root, &step))
        fail(runtime, step, errno);
    uint64_t entered = monotonic_ns();
    if (command_go(command, fds[0], fds[1], &step) ||
        (ahead && command_await_held(command, &step)))
        fail(runtime, step, errno);
    tell(runtime, ahead ? HL_LOADED : HL_STARTED, entered - begun, monotonic_ns() - entered);
    wire_close(fds, 2);
    explicit_bzero((void *)spec.header, spec.header->bytes); /* there may be secrets in it */
    free((void *)spec.header);
    spec_free(&spec);
    become_init(runtime, root);
    if (!ahead)
        return;
    hear_order(runtime, HL_START, HL_START, NULL, 0);
    begun = monotonic_ns();
    if (command_release(command, &step))
        fail(runtime, step, errno);
    tell(runtime, HL_STARTED, 0, monotonic_ns() - begun);
}

_Noreturn void sandbox_main(const struct host *host, uint32_t place, int control, const int *join,
                            size_t join_count)
{
    static const int passed_on[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};
    sigset_t signals;
    sigemptyset(&signals);
    for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
        sigaddset(&signals, passed_on[i]);
    /* Blocked, then waited for: as pid 1 it would not even get signals that it leaves at their default. */
    sigprocmask(SIG_SETMASK, &signals, NULL);
    /* The container shares its pid namespace with us; without this it could reach our memory and our
       binary through /proc/1 (CVE-2019-5736). */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    prctl(PR_SET_NAME, "hearth-init", 0, 0, 0);

    uid_t root = userns_root(host, place);
    struct command command;
    int step = HL_STEP_NONE;
    int signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signal_fd < 0)
        fail(control, HL_STEP_FORK, errno);
    struct oom oom = oom_watch(join, join_count);
    join_cgroups(control, join, join_count);
    if (rootfs_park(host, root, &step) || command_park(host, root, &command, &step) ||
        rootfs_park_layers(host, root, command.userns, &step))
        fail(control, step, errno);
    if (process_bound_init())
        fail(control, HL_STEP_CAPABILITIES, errno);
    if (spec_rehearse())
        fail(control, HL_STEP_SPEC, errno);
    monotonic_ns(); /* the clock's pages too */
    int runtime = announce_parked(control);
    start(runtime, root, &command);
    wire_close((int[]){runtime, command.socket, command.userns}, 3);
    be_init(control, command.pid, signal_fd, &oom);
}
