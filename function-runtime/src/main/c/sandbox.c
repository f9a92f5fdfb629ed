/*
 * A slot's first process. It parks with everything made that does not depend on the revision, waits for
 * HL_START, mounts and enters the root filesystem, lets its child become the command, and from then on is
 * the container's init: it passes signals on and reaps.
 *
 * Two sockets: `control` goes to the launcher, which hears of the slot's making and of its end; `runtime`
 * goes straight to the runtime, for the start. When the runtime lets go of a slot before it started, the
 * slot ends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
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

/* Passes termination on to the command, reaps what is orphaned, and ends when the command does. */
static _Noreturn void be_init(int control, pid_t command, const sigset_t *signals)
{
    for (;;) {
        int signal_number;
        if (sigwait(signals, &signal_number))
            continue;
        if (signal_number != SIGCHLD) {
            kill(command, signal_number);
            continue;
        }
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
}

/* The cold start as the slot sees it. */
static void start(int runtime, uid_t root, const struct command *command)
{
    struct hl_message order;
    int fds[HL_MAX_FDS];
    size_t fd_count;
    struct spec spec;
    int step;

    if (wire_receive(runtime, &order, fds, &fd_count) != 1)
        _exit(0); /* the runtime let go of this slot */
    if (order.type != HL_START || fd_count != 2)
        fail(runtime, HL_STEP_REQUEST, EPROTO);
    uint64_t begun = monotonic_ns();
    int error = spec_read(fds[0], &spec);
    if (error)
        fail(runtime, HL_STEP_SPEC, error);
    if (sethostname(spec.hostname, strlen(spec.hostname)))
        fail(runtime, HL_STEP_HOSTNAME, errno);
    if (rootfs_enter(&spec, root, &step))
        fail(runtime, step, errno);
    uint64_t entered = monotonic_ns();
    if (command_go(command, fds[0], fds[1], &step))
        fail(runtime, step, errno);
    struct hl_message m = wire_message(HL_STARTED);
    m.rootfs_ns = entered - begun;
    m.exec_ns = monotonic_ns() - entered;
    (void)wire_send(runtime, &m, NULL, 0);
    wire_close(fds, fd_count);
    spec_free(&spec);
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
    if (process_drop_to_init(root ? root + IDS_PER_SLOT - 1 : 0))
        fail(control, HL_STEP_CAPABILITIES, errno);
    be_init(control, command.pid, &signals);
}
