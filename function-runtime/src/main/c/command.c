/*
 * The process that becomes the container's command. It is made with the slot, in its user namespace and
 * confined already, so that on a request's path it has only to take the image's user and to execute.
 *
 * It and init talk over a socket that closes on execve: init hears the end when that succeeded, and a
 * report when something failed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher.h"

/* Says which step failed; HL_STEP_NONE says that what was asked is done. */
static int report(int socket, int step, int error)
{
    struct hl_message m = wire_message(step == HL_STEP_NONE ? HL_PREPARED : HL_FAILED);
    m.step = step;
    m.error = error;
    return wire_send(socket, &m, NULL, 0);
}

/* Hears one report: 0 done, 1 the end of the other side, -1 with errno and the step in *step. */
static int hear(int socket, int *step)
{
    struct hl_message m;
    int fds[HL_MAX_FDS];
    size_t fd_count;
    int got = wire_receive(socket, 0, &m, fds, &fd_count);
    if (got == 0)
        return 1;
    if (got < 0 || fd_count != 0) {
        wire_close(fds, fd_count);
        *step = HL_STEP_DIED;
        return -1;
    }
    if (m.type == HL_PREPARED)
        return 0;
    *step = m.step;
    errno = m.error;
    return -1;
}

static int attach_stdio(int log)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return null < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 ? -1 : 0;
}

/* Waits for the order and executes; returns the failed step. */
static int run(int socket)
{
    struct hl_message order;
    int fds[HL_MAX_FDS];
    size_t fd_count;
    struct spec spec;
    int step = HL_STEP_NONE;

    if (wire_receive(socket, 0, &order, fds, &fd_count) != 1)
        _exit(0); /* init is gone */
    if (order.type != HL_START || fd_count != 2) {
        errno = EPROTO;
        return HL_STEP_REQUEST;
    }
    errno = spec_read(fds[0], &spec);
    if (errno)
        return HL_STEP_SPEC;
    if (attach_stdio(fds[1]))
        return HL_STEP_STDIO;
    process_exec(&spec, &step);
    return step;
}

static _Noreturn void command_main(bool new_user, int socket)
{
    int step = HL_STEP_USERNS;
    if (new_user) {
        /* Init gives it its ids between the two messages. */
        if (unshare(CLONE_NEWUSER) || report(socket, HL_STEP_NONE, 0) || hear(socket, &step)) {
            (void)report(socket, step, errno);
            _exit(1);
        }
    }
    step = HL_STEP_SPEC;
    if (spec_rehearse() || process_confine(&step) || report(socket, HL_STEP_NONE, 0)) {
        (void)report(socket, step, errno);
        _exit(1);
    }
    step = run(socket);
    (void)report(socket, step, errno); /* if init is gone, nobody is left to tell */
    _exit(127);
}

static int open_userns(pid_t pid)
{
    char path[32];
    snprintf(path, sizeof path, "proc/%d/ns/user", pid);
    return open(path, O_RDONLY | O_CLOEXEC);
}

int command_park(const struct host *host, uid_t root, struct command *command, int *step)
{
    int pair[2];
    *step = HL_STEP_FORK;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[0]);
        command_main(host->user_namespaces, pair[1]);
    }
    close(pair[1]);
    *command = (struct command){.pid = pid, .socket = pair[0], .userns = -1};
    if (pid < 0)
        return -1;
    if (host->user_namespaces) {
        *step = HL_STEP_USERNS;
        if (hear(command->socket, step) || userns_map(pid, root))
            return -1;
        command->userns = open_userns(pid);
        if (command->userns < 0 || report(command->socket, HL_STEP_NONE, 0))
            return -1;
    }
    *step = HL_STEP_DIED;
    return hear(command->socket, step) == 0 ? 0 : -1;
}

int command_go(const struct command *command, int spec, int log, int *step)
{
    struct hl_message order = wire_message(HL_START);
    int fds[] = {spec, log};
    *step = HL_STEP_DIED;
    if (wire_send(command->socket, &order, fds, 2))
        return -1;
    return hear(command->socket, step) == 1 ? 0 : -1;
}

int command_hold(const struct command *command, int *step)
{
    /* We are its tracer until it is released: it gets no chance to notice, and dies with us. */
    *step = HL_STEP_HOLD;
    return (int)ptrace(PTRACE_SEIZE, command->pid, 0, PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
}

int command_await_held(const struct command *command, int *step)
{
    int status;
    *step = HL_STEP_HOLD;
    if (waitpid(command->pid, &status, __WALL) != command->pid)
        return -1;
    if (status >> 8 != (SIGTRAP | PTRACE_EVENT_EXEC << 8)) {
        errno = ECHILD; /* killed, for its memory say */
        return -1;
    }
    prefault(command->pid);
    return 0;
}

int command_release(const struct command *command, int *step)
{
    *step = HL_STEP_HOLD;
    return (int)ptrace(PTRACE_DETACH, command->pid, 0, 0);
}
