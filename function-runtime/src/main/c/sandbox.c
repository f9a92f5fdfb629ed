/*
 * A slot's first process. It parks with everything made that does not depend on the revision, waits for
 * HL_START, mounts and enters the root filesystem, starts the command as its child, and from then on is
 * the container's init: it passes signals on and reaps.
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

static struct hl_message message_of(enum hl_type type)
{
    struct hl_message m = {.magic = HL_MAGIC, .version = HL_VERSION, .type = (uint16_t)type};
    return m;
}

static _Noreturn void fail(int control, int step, int error)
{
    struct hl_message m = message_of(HL_FAILED);
    m.step = step;
    m.error = error;
    (void)wire_send(control, &m, NULL, 0); /* if the launcher is gone, nobody is left to tell */
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

static void announce_parked(int control)
{
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (netlink < 0)
        fail(control, HL_STEP_NETLINK, errno);
    struct hl_message m = message_of(HL_PREPARED);
    if (wire_send(control, &m, &netlink, 1))
        _exit(1);
    close(netlink);
}

/* A private copy: the sender could change a shared file after the check. */
static void read_spec(int control, int fd, struct spec *spec)
{
    struct stat file;
    if (fstat(fd, &file))
        fail(control, HL_STEP_SPEC, errno);
    if (file.st_size <= 0 || file.st_size > (off_t)HL_SPEC_MAX_BYTES)
        fail(control, HL_STEP_SPEC, E2BIG);
    size_t bytes = (size_t)file.st_size;
    char *copy = malloc(bytes);
    if (!copy || pread(fd, copy, bytes, 0) != (ssize_t)bytes)
        fail(control, HL_STEP_SPEC, EIO);
    int error = spec_parse(copy, bytes, spec);
    if (error)
        fail(control, HL_STEP_SPEC, error);
}

static int attach_stdio(int log)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        return -1;
    return 0;
}

/* Starts the command; returns its pid once execve succeeded. */
static pid_t start_command(int control, const struct spec *spec)
{
    int failure[2];
    if (pipe2(failure, O_CLOEXEC))
        fail(control, HL_STEP_FORK, errno);
    pid_t child = fork();
    if (child < 0)
        fail(control, HL_STEP_FORK, errno);
    if (child == 0) {
        int report[2];
        report[0] = process_exec(spec);
        report[1] = errno;
        ssize_t written = write(failure[1], report, sizeof report);
        _exit(written == sizeof report ? 127 : 126);
    }
    close(failure[1]);
    int report[2];
    ssize_t got;
    do {
        got = read(failure[0], report, sizeof report);
    } while (got < 0 && errno == EINTR);
    close(failure[0]);
    if (got == sizeof report)
        fail(control, report[0], report[1]);
    if (got != 0) /* not closed by execve, not a whole report */
        fail(control, HL_STEP_DIED, EIO);
    return child;
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
            struct hl_message m = message_of(HL_EXITED);
            m.status = status;
            (void)wire_send(control, &m, NULL, 0);
            /* The kernel kills whatever else is in this pid namespace. The code is for a launcher that is
               not our parent, whose predecessor had the other end of the socket. */
            _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        }
    }
}

_Noreturn void sandbox_main(const struct host *host, int control, const int *join, size_t join_count)
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

    join_cgroups(control, join, join_count);
    int step = HL_STEP_NONE;
    if (rootfs_park(host, &step))
        fail(control, step, errno);
    announce_parked(control);

    struct hl_message order;
    int fds[HL_MAX_FDS];
    size_t fd_count;
    if (wire_receive(control, &order, fds, &fd_count) != 1)
        _exit(0); /* the launcher let go of this slot */
    uint64_t begun = monotonic_ns();
    if (order.type != HL_START || fd_count != 2)
        fail(control, HL_STEP_REQUEST, EPROTO);

    struct spec spec;
    read_spec(control, fds[1], &spec);
    if (sethostname(spec.hostname, strlen(spec.hostname)))
        fail(control, HL_STEP_HOSTNAME, errno);
    if (rootfs_enter(&spec, &step))
        fail(control, step, errno);
    uint64_t entered = monotonic_ns();
    if (attach_stdio(fds[0]))
        fail(control, HL_STEP_STDIO, errno);
    wire_close(fds, fd_count);

    pid_t command = start_command(control, &spec);
    struct hl_message m = message_of(HL_STARTED);
    m.rootfs_ns = entered - begun;
    m.exec_ns = monotonic_ns() - entered;
    (void)wire_send(control, &m, NULL, 0);
    spec_free(&spec);
    if (process_drop_to_init())
        fail(control, HL_STEP_CAPABILITIES, errno);
    be_init(control, command, &signals);
}
