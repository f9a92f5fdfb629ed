/* What a process may: confined when the slot is made, the image's user when the revision is known. */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

#define CAP(c) (1ull << (c))

/* Podman's default set: Docker's without MKNOD, NET_RAW and AUDIT_WRITE. */
static const uint64_t CONTAINER_CAPABILITIES =
    CAP(CAP_CHOWN) | CAP(CAP_DAC_OVERRIDE) | CAP(CAP_FSETID) | CAP(CAP_FOWNER) | CAP(CAP_SETGID) |
    CAP(CAP_SETUID) | CAP(CAP_SETFCAP) | CAP(CAP_SETPCAP) | CAP(CAP_NET_BIND_SERVICE) |
    CAP(CAP_SYS_CHROOT) | CAP(CAP_KILL);

static int set_capabilities(uint64_t set)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {
        {.effective = (uint32_t)set, .permitted = (uint32_t)set},
        {.effective = (uint32_t)(set >> 32), .permitted = (uint32_t)(set >> 32)}};
    return (int)syscall(SYS_capset, &header, data);
}

static int bound_capabilities(uint64_t set)
{
    for (int c = 0; c < 64; c++) {
        if (set & (1ull << c))
            continue;
        /* EINVAL: past the last capability this kernel knows. */
        if (prctl(PR_CAPBSET_DROP, c, 0, 0, 0) && errno != EINVAL)
            return -1;
    }
    return 0;
}

static const uint64_t INIT_CAPABILITIES = CAP(CAP_KILL);

int process_bound_init(void)
{
    return bound_capabilities(INIT_CAPABILITIES) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -1 : 0;
}

int process_drop_to_init(uid_t uid)
{
    /* Leaving uid 0 would take every capability along. */
    if (uid && (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgroups(0, NULL) || setresgid(uid, uid, uid) ||
                setresuid(uid, uid, uid)))
        return -1;
    /* The change of user made it reachable for a debugger again, if the system's default is so. */
    return set_capabilities(INIT_CAPABILITIES) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) ? -1 : 0;
}

/*
 * As many open files as a server may need, but not so many that a program which closes "all" of them one
 * by one takes seconds; no core dumps; little locked memory, which no cgroup could reclaim. The number of
 * processes is the pids cgroup's: RLIMIT_NPROC counts a user's across containers.
 */
static int set_limits(void)
{
    static const struct {
        int resource;
        rlim_t most;
    } limits[] = {{RLIMIT_NOFILE, 65536}, {RLIMIT_CORE, 0}, {RLIMIT_MEMLOCK, 64 << 10}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct rlimit limit;
        if (getrlimit(limits[i].resource, &limit))
            return -1;
        /* Never above what the host allows: raising it takes CAP_SYS_RESOURCE. */
        if (limit.rlim_max > limits[i].most)
            limit.rlim_max = limits[i].most;
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(limits[i].resource, &limit))
            return -1;
    }
    return 0;
}

int process_confine(int *step)
{
    *step = HL_STEP_USER;
    if (setgroups(0, NULL) || setresgid(0, 0, 0) || setresuid(0, 0, 0))
        return -1;
    *step = HL_STEP_LIMITS;
    if (set_limits())
        return -1;
    *step = HL_STEP_CAPABILITIES;
    if (bound_capabilities(CONTAINER_CAPABILITIES) || set_capabilities(CONTAINER_CAPABILITIES) ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return -1;
    umask(022);
    setsid();
    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL);
    /* Installing it costs the kernel a compilation, which a request must not pay for; so what is left to do
       from here to execve, the container may do as well. */
    *step = HL_STEP_SECCOMP;
    return seccomp_install();
}

/* Makes the working directory when the image lacks it, as Docker's build does. */
static int enter_workdir(const char *path)
{
    char partial[PATH_MAX];
    if (strlen(path) >= sizeof partial) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (chdir(path) == 0)
        goto entered;
    if (errno != ENOENT)
        return -1;
    strcpy(partial, path);
    for (char *slash = strchr(partial + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(partial, 0755) && errno != EEXIST)
            return -1;
        *slash = '/';
    }
    if ((mkdir(partial, 0755) && errno != EEXIST) || chdir(path))
        return -1;
entered:
    /* A path through a leaked descriptor would be outside this root, where getcwd(2) shows no leading
       slash (CVE-2024-21626). */
    if (!getcwd(partial, sizeof partial))
        return -1;
    if (partial[0] != '/') {
        errno = EXDEV;
        return -1;
    }
    return 0;
}

static const char *environment_value(const struct spec *spec, const char *name)
{
    size_t length = strlen(name);
    for (char **entry = spec->envp; *entry; entry++)
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
            return *entry + length + 1;
    return NULL;
}

/* execvpe(3) with the container's PATH instead of ours; returns only with errno. */
static void exec_command(const struct spec *spec)
{
    const char *command = spec->argv[0];
    if (strchr(command, '/')) {
        execve(command, spec->argv, spec->envp);
        return;
    }
    const char *path = environment_value(spec, "PATH");
    if (!path)
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    int failure = ENOENT;
    for (const char *at = path; *at;) {
        size_t length = strcspn(at, ":");
        char file[PATH_MAX];
        if (length > 0 && (size_t)snprintf(file, sizeof file, "%.*s/%s", (int)length, at, command) < sizeof file) {
            execve(file, spec->argv, spec->envp);
            if (errno != ENOENT && errno != ENOTDIR)
                failure = errno;
        }
        at += length + (at[length] == ':');
    }
    errno = failure;
}

int process_exec(const struct spec *spec, int *step)
{
    const struct hl_spec *h = spec->header;
    sigset_t empty;

    /* Before the user changes: only root may make the directory. */
    *step = HL_STEP_WORKDIR;
    if (enter_workdir(spec->workdir))
        return -1;
    *step = HL_STEP_USER;
    if (setgroups(h->group_count, h->groups) || setresgid(h->gid, h->gid, h->gid) ||
        setresuid(h->uid, h->uid, h->uid))
        return -1;
    *step = HL_STEP_CAPABILITIES;
    if (set_capabilities(h->uid == 0 ? CONTAINER_CAPABILITIES : 0))
        return -1;

    sigemptyset(&empty);
    sigprocmask(SIG_SETMASK, &empty, NULL);
    *step = HL_STEP_EXEC;
    exec_command(spec);
    return -1;
}
