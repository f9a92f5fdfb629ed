/* What the launcher's few files share. */
#ifndef HEARTH_LAUNCHER_H
#define HEARTH_LAUNCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "protocol.h"

/* A secret that the container finds in a file. */
struct secret {
    const char *path; /* absolute, of at least two components */
    const char *bytes;
    uint32_t length;
};

/* A process specification, pointing into a private copy of the file it came in. */
struct spec {
    const struct hl_spec *header;
    const char *hostname;
    const char *workdir;
    const char *hosts;
    const char *resolv;
    const char **layers; /* NULL-terminated, as the next two */
    char **argv;
    char **envp;
    struct secret *secrets; /* as many as the header says */
};

/* Parses `bytes` bytes at `data`, which must stay; returns 0 or an errno. Allocates the arrays. */
int spec_parse(const void *data, size_t bytes, struct spec *spec);
/* Reads the file and parses a private copy of it; returns 0 or an errno. */
int spec_read(int fd, struct spec *spec);
/*
 * Reads a specification that means nothing, so that a process which was forked just now has its own copy of
 * every page that reading the real one will touch: some fifteen page faults that a request need not wait for
 * (0.4 ms where a hypervisor has a part in them). Returns 0, or -1 with errno.
 */
int spec_rehearse(void);
/* Frees the arrays of a parsed specification. */
void spec_free(struct spec *spec);

/* Messages with descriptors. Both return 0 or -1 with errno; received descriptors are close-on-exec. */
int wire_send(int sock, const struct hl_message *message, const int *fds, size_t fd_count);
/* Returns 1 for a message, 0 for the end of the connection, -1 with errno (EPROTO: not a message; with
   MSG_DONTWAIT among the flags EAGAIN: none is there). */
int wire_receive(int sock, int flags, struct hl_message *message, int *fds, size_t *fd_count);
void wire_close(const int *fds, size_t fd_count);
/* A message without contents. */
struct hl_message wire_message(enum hl_type type);

/* Where slots find what they need on this host. */
struct host {
    const char *slot_dir;   /* any empty directory, covered by each slot in its own mount namespace */
    const char *layers_dir; /* the layer store */
    bool user_namespaces;   /* whether slots get one */
};

/*
 * Ids outside of a slot: each place in the launcher's table has a range of its own, far above what hosts
 * give to people. The container's ids 0 … 65534 are the range's first; its last is our init's, which no id
 * inside means.
 */
#define IDS_PER_SLOT 65536u
#define IDS_FIRST 0x40000000u

/* The host's id for root of the container in this place; 0 without a user namespace. */
uid_t userns_root(const struct host *host, uint32_t place);
/* Gives the process, which is alone in a new user namespace, its ids; /proc is below the working directory. */
int userns_map(pid_t pid, uid_t root);
/* Whether this kernel and the layer store's file system can do all of it, by trying. */
bool userns_works(const struct host *host);

/*
 * fork(2) with new namespaces. On cgroup v2, where `join` is one directory, the child is born in that
 * group; what it still has to write "0" to, to join, is left in its own `join` and `join_count`.
 */
pid_t clone_slot(uint64_t namespaces, int *join, size_t *join_count);
/* Puts the device filter on a v2 group; where the kernel does not let us, says so once and goes on. */
void devices_bound(const int *join, size_t join_count);

/* The life of a slot's first process, from clone to the container's end; never returns. */
_Noreturn void sandbox_main(const struct host *host, uint32_t place, int control, const int *join,
                            size_t join_count);

/* The container's mount tree. All return 0, or -1 with errno and the step in *step. */
int rootfs_park(const struct host *host, uid_t root, int *step);
/* After rootfs_park: shows the layers, with `userns`' ids unless it is -1, and enters the tree. */
int rootfs_park_layers(const struct host *host, uid_t root, int userns, int *step);
int rootfs_enter(const struct spec *spec, uid_t root, int *step);
/* The overlay alone, for rootfs_enter and for userns_works. */
int rootfs_overlay(const struct spec *spec);

/*
 * Mounts the secret files in the tree at `root_dir`, whose image may be hostile: each directory of theirs is a
 * file system in memory, never swapped, read-only, for the
 * command's user only. Returns 0, or -1 with errno.
 */
int secrets_mount(const struct spec *spec, const char *root_dir, uid_t root);

/* The process that becomes the command: made with the slot, waiting for the revision. */
struct command {
    pid_t pid;
    int socket;
    int userns; /* its user namespace, or -1 */
};

/* Makes it; returns 0, or -1 with errno and the step in *step. */
int command_park(const struct host *host, uid_t root, struct command *command, int *step);
/* Lets it execute; returns 0 once it did, or -1 with errno and the failed step. */
int command_go(const struct command *command, int spec, int log, int *step);
/* From now on it stops in execve, with its image loaded; before command_go. */
int command_hold(const struct command *command, int *step);
/* After command_go of a held one: waits until it stopped there, and gives it the pages it will touch. */
int command_await_held(const struct command *command, int *step);
/* Lets a held one run its first instruction. */
int command_release(const struct command *command, int *step);

/* Has the kernel map what a stopped process will touch first, as far as can be known. */
void prefault(pid_t pid);

/* Where v1's kernel tells that a container is out of memory; -1 both where it need not, or cannot. */
struct oom {
    int event;
    int control;
};

/* For the group of these `tasks` files, from outside of the container's tree. */
struct oom oom_watch(const int *join, size_t count);
/* Whether the kernel told that memory is out; it does so before it kills, and need not kill at all. */
bool oom_told(const struct oom *oom);
/* Whether it has killed one of the container's processes for that. */
bool oom_killed(const struct oom *oom);

/* Gives up what no container may have. Both return 0, or -1 with errno and the step in *step. */
int process_confine(int *step);
/* Becomes the container's user without privileges and executes its command; returns only when it failed. */
int process_exec(const struct spec *spec, int *step);
/* What init can give up while the slot is made: it executes nothing any more, and gains nothing. */
int process_bound_init(void);
/* Becomes `uid` with no capability but the one to signal the container's processes. */
int process_drop_to_init(uid_t uid);

/* Processes that need not be our children. All return -1 with errno on failure. */
int pidfd_of(pid_t pid);
int pidfd_signal(int pidfd, int number);
/* How an ended process ended, as wait(2) gives it; ESRCH when the kernel no longer tells (before 6.15). */
int pidfd_exit_status(int pidfd, pid_t pid, int *status);

/* Makes the filter from the runtime's rules, once; returns 0, or -1 after having said why. */
int seccomp_compile(const char *rules_path);
/* Puts the calling process under it for good; no_new_privs must be set. Returns 0, or -1 with errno. */
int seccomp_install(void);

/* Executes a sealed copy of this program; returns 0 when it is one already, or -1 with errno. */
int sealed_run(char **argv);

uint64_t monotonic_ns(void);

#endif
