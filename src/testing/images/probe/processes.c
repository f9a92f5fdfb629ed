/* Privileges, and what a process may know of others. */
#define _GNU_SOURCE
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static void descriptors(FILE *out, const char *argument) {
    (void)argument;
    fprintf(out, "%s\n", descriptors_at_start);
}

static void directory(FILE *out, const char *argument) {
    (void)argument;
    char path[4096];
    fprintf(out, "%s\n", getcwd(path, sizeof path) ? path : strerrorname_np(errno));
}

static void limits(FILE *out, const char *argument) {
    (void)argument;
    static const struct {
        const char *name;
        int resource;
    } all[] = {{"nofile", RLIMIT_NOFILE}, {"core", RLIMIT_CORE}, {"memlock", RLIMIT_MEMLOCK}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct rlimit limit;
        getrlimit(all[i].resource, &limit);
        fprintf(out, "%s %llu %llu\n", all[i].name, (unsigned long long)limit.rlim_cur,
                (unsigned long long)limit.rlim_max);
        limit.rlim_cur = limit.rlim_max = limit.rlim_max + 1;
        tell(out, "raise", setrlimit(all[i].resource, &limit));
    }
}

/* Executed by the attempts below, to say what it got. */
static void effective(FILE *out, const char *argument) {
    (void)argument;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    syscall(SYS_capget, &header, data);
    fprintf(out, "euid %d capabilities %x%08x\n", (int)geteuid(), data[1].effective, data[0].effective);
}

static int copy_of_ourselves(const char *path) {
    unlink(path);
    int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    struct stat file;
    if (from < 0 || to < 0 || fstat(from, &file) || sendfile(to, from, NULL, (size_t)file.st_size) != file.st_size)
        return -1;
    close(from);
    return close(to);
}

/* As user 10001, who has nothing, runs a program that would give everything. */
static void run_as_nobody(FILE *out, const char *program) {
    fflush(out);
    int pipes[2];
    if (pipe(pipes)) {
        tell(out, "pipe", -1);
        return;
    }
    pid_t child = fork();
    if (child == 0) {
        dup2(pipes[1], 1);
        if (setgroups(0, NULL) == 0 && setgid(10001) == 0 && setuid(10001) == 0)
            execl(program, program, "/effective", NULL);
        _exit(errno);
    }
    close(pipes[1]);
    char text[256];
    ssize_t got = read(pipes[0], text, sizeof text);
    fprintf(out, "%.*s", (int)(got > 0 ? got : 0), text);
    waitpid(child, NULL, 0);
}

static void set_user_id(FILE *out, const char *argument) {
    (void)argument;
    tell(out, "copy", copy_of_ourselves("/suid"));
    tell(out, "chmod", chmod("/suid", 06755));
    run_as_nobody(out, "/suid");
}

static void file_capabilities(FILE *out, const char *argument) {
    (void)argument;
    /* version 2, effective, every capability that the bounding set could have */
    const struct vfs_cap_data all = {.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
                                     .data = {{.permitted = 0x800405fb}}};
    tell(out, "copy", copy_of_ourselves("/capable"));
    tell(out, "setxattr", setxattr("/capable", "security.capability", &all, sizeof all, 0));
    run_as_nobody(out, "/capable");
}

/* Asks for each capability, first in the ambient set, then as a permitted one. */
static void gain(FILE *out, const char *argument) {
    (void)argument;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{~0u, ~0u, 0}, {0x1ff, 0x1ff, 0}};
    tell(out, "capset-all", syscall(SYS_capset, &header, data));
    tell(out, "ambient-sys-admin", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0));
    tell(out, "new-privileges", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

static void processes(FILE *out, const char *argument) {
    (void)argument;
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
        char path[300], line[256] = "";
        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        FILE *stat = atoi(entry->d_name) > 0 ? fopen(path, "re") : NULL;
        if (!stat)
            continue;
        char *end = fgets(line, sizeof line, stat) ? strrchr(line, ')') : NULL;
        if (end)
            fprintf(out, "%.*s %c\n", (int)(end - line) + 1, line, end[2]);
        fclose(stat);
    }
    if (proc)
        closedir(proc);
}

static socklen_t abstract_address(const char *name, struct sockaddr_un *address) {
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    size_t length = strnlen(name, sizeof address->sun_path - 1);
    memcpy(address->sun_path + 1, name, length);
    return (socklen_t)(sizeof(sa_family_t) + 1 + length);
}

static void connect_abstract(FILE *out, const char *argument) {
    struct sockaddr_un address;
    socklen_t length = abstract_address(argument, &address);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    tell(out, "connect", connect(fd, (struct sockaddr *)&address, length));
}

/* The other side, on the host: listens until its input ends. */
static void listen_abstract(FILE *out, const char *argument) {
    struct sockaddr_un address;
    socklen_t length = abstract_address(argument, &address);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    tell(out, "listen", bind(fd, (struct sockaddr *)&address, length) || listen(fd, 4) ? -1 : 0);
    fflush(out);
    char byte;
    while (read(0, &byte, 1) > 0)
        ;
}

static void ignore_term(FILE *out, const char *argument) {
    (void)argument;
    tell(out, "ignore", kill(getppid(), SIGUSR1));
}

/* A process that has nothing to do with its parent any more, by the name that is given. */
static void daemonize(FILE *out, const char *argument) {
    fflush(out);
    pid_t child = fork();
    if (child == 0) {
        setsid();
        prctl(PR_SET_NAME, argument, 0, 0, 0); /* here, so that it has the name once the answer tells of it */
        signal(SIGTERM, SIG_IGN);
        if (fork() == 0) {
            for (;;)
                pause();
        }
        _exit(0);
    }
    waitpid(child, NULL, 0);
    tell(out, "daemon", child);
}

/* The command ends; what else lives in the container stays behind it. */
static void end(FILE *out, const char *argument) {
    (void)out;
    kill(getppid(), *argument ? atoi(argument) : SIGKILL);
}

const struct route process_routes[] = {
    {"/descriptors", descriptors}, {"/directory", directory},      {"/limits", limits},
    {"/effective", effective},     {"/set-user-id", set_user_id},  {"/file-capabilities", file_capabilities},
    {"/gain", gain},               {"/processes", processes},      {"/connect-abstract", connect_abstract},
    {"/ignore-term", ignore_term}, {"/daemon", daemonize},         {"/listen-abstract", listen_abstract},
    {"/end", end},                 {NULL, NULL},
};
