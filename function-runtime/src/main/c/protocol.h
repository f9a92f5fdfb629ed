/*
 * What the runtime (Java) says to the launcher and to each slot, over Unix seqpacket sockets: every message
 * is one hl_message, whatever its type; file descriptors travel beside it as SCM_RIGHTS. Both ends are on
 * one machine and built from one tree, so integers are in the machine's own byte order.
 *
 * A slot has a socket of its own to the runtime: a start is between those two, with no third process to
 * wake up on the way.
 *
 * LauncherProtocolTest compares every number here with its Java twin.
 */
#ifndef HEARTH_PROTOCOL_H
#define HEARTH_PROTOCOL_H

#include <stdint.h>

#define HL_MAGIC 0x48544c31u /* "1LTH" */
#define HL_VERSION 5u

/* The most descriptors beside one message: one per cgroup v1 hierarchy, and room for later. */
#define HL_MAX_FDS 16u

/* The most slots one launcher keeps; beyond it HL_PREPARE is refused with EAGAIN. */
#define HL_MAX_SLOTS 4096u

enum hl_type {
    /* runtime -> launcher */
    HL_HELLO = 1,    /* first message; slot = the newest number that must not come again, or 0;
                        answered by HL_WELCOME */
    HL_PREPARE = 2,  /* fds: v1's cgroup files to join, or v2's directory; answered by HL_PREPARED or
                        HL_FAILED */
    HL_START = 3,    /* to a slot, its limits being set; fds: spec, log; or none, to one that is loaded;
                        answered by HL_STARTED or HL_FAILED */
    HL_LOAD = 4,     /* to a slot, as HL_START, but ahead of the request that it is for: everything up to the
                        command's first instruction; answered by HL_LOADED or HL_FAILED */
    HL_SHUTDOWN = 5, /* kill all slots, then exit; the socket's end is the answer */
    HL_NOTE = 6,     /* slot; fd: a memory file that HL_LIST gives back, or none to forget it; not
                        answered */
    HL_LIST = 7,     /* answered by an HL_SLOT for each slot, or an HL_EXITED with its note for one that
                        ended while no runtime was there, then HL_LISTED */
    HL_ADOPT = 8,    /* slot (kept as its number), pid; fds: pidfd and, if it has one, note: a slot that
                        another launcher made; answered by HL_ADOPTED or HL_FAILED */
    /* launcher -> runtime */
    HL_WELCOME = 17,  /* pid of the launcher; status: 1 when slots have a user namespace, else 0 */
    HL_PREPARED = 18, /* slot, pid; fds: a route netlink socket of its network namespace, its own socket,
                         and a pidfd, by which the runtime signals it */
    HL_STARTED = 19,  /* rootfs_ns, exec_ns */
    HL_FAILED = 20,   /* step, error; the slot is gone, or was never there */
    HL_EXITED = 21,   /* slot; status as wait(2) gives it, error = ESRCH if the kernel did not tell;
                         sent once for every slot that was prepared or adopted; fd, in an answer to
                         HL_LIST: its note */
    HL_SLOT = 22,     /* slot, pid; fds: pidfd and, if it has one, note */
    HL_LISTED = 23,   /* the end of the list */
    HL_ADOPTED = 24,  /* slot */
    HL_LOADED = 25,   /* rootfs_ns, exec_ns */
};

/* Which step of making or starting a sandbox failed. */
enum hl_step {
    HL_STEP_NONE = 0,
    HL_STEP_REQUEST = 1,       /* the message itself is unusable, or names no such slot */
    HL_STEP_CLONE = 2,         /* clone(2) into new namespaces */
    HL_STEP_CGROUP = 3,        /* joining the cgroups, and their namespace */
    HL_STEP_SLOT_TREE = 4,     /* the private mount tree of a parked slot */
    HL_STEP_LAYERS = 5,        /* binding the layer store into it */
    HL_STEP_PROC = 6,          /* /proc, its masks and read-only parts */
    HL_STEP_DEV = 7,           /* /dev and what is in it */
    HL_STEP_SYS = 8,           /* /sys and the cgroup view */
    HL_STEP_SLOT_PIVOT = 9,    /* entering that tree */
    HL_STEP_NETLINK = 10,      /* a netlink socket for the runtime */
    HL_STEP_SPEC = 11,         /* reading the process specification */
    HL_STEP_UPPER = 12,        /* the writable layer and the platform's files in it */
    HL_STEP_OVERLAY = 13,      /* mounting the root filesystem */
    HL_STEP_MOVE = 14,         /* moving /proc, /dev and /sys into it */
    HL_STEP_PIVOT = 15,        /* entering it */
    HL_STEP_HOSTNAME = 16,     /* sethostname(2) */
    HL_STEP_STDIO = 17,        /* stdin, stdout and stderr */
    HL_STEP_FORK = 18,         /* the container's first process */
    HL_STEP_CAPABILITIES = 19, /* dropping capabilities, no_new_privs */
    HL_STEP_USER = 20,         /* becoming the image's user */
    HL_STEP_WORKDIR = 21,      /* entering the working directory */
    HL_STEP_EXEC = 22,         /* execve(2) of the command */
    HL_STEP_DIED = 23,         /* the sandbox ended before it could say why */
    HL_STEP_SECCOMP = 24,      /* the system call filter */
    HL_STEP_LIMITS = 25,       /* setrlimit(2) */
    HL_STEP_USERNS = 26,       /* its user namespace */
    HL_STEP_HOLD = 27,         /* holding a loaded command before its first instruction */
    HL_STEP_SECRETS = 28,      /* mounting its secrets */
};

struct hl_message {
    uint32_t magic;
    uint16_t version;
    uint16_t type;
    uint64_t tag; /* the runtime's number for a request; its answer carries the same */
    uint32_t slot;
    int32_t pid;
    int32_t step;
    int32_t error; /* errno of the failed step */
    int32_t status;
    uint32_t reserved;
    uint64_t rootfs_ns; /* from HL_START's arrival in the slot to the entered root filesystem; 0 if loaded */
    uint64_t exec_ns;   /* from then to a successful execve, or to a held command's release */
};

_Static_assert(sizeof(struct hl_message) == 56, "the Java side reads 56 bytes");

#define HL_SPEC_MAGIC 0x48535031u
#define HL_SPEC_MAX_BYTES (2u << 20)
#define HL_SPEC_MAX_STRINGS 8192u
#define HL_SPEC_MAX_GROUPS 32u
#define HL_SPEC_MAX_FILES 64u

/*
 * What to run, in a memory file: this header, then NUL-terminated strings in this order: host name,
 * working directory, /etc/hosts, /etc/resolv.conf, layers (top first, names below the layer store),
 * arguments, environment. Then the secret files: the NUL-terminated path, the contents' length as four
 * bytes, the contents.
 */
struct hl_spec {
    uint32_t magic;
    uint32_t bytes; /* of the whole file */
    uint32_t uid;
    uint32_t gid;
    uint32_t group_count;
    uint32_t groups[HL_SPEC_MAX_GROUPS];
    uint32_t layer_count;
    uint32_t arg_count;
    uint32_t env_count;
    uint32_t file_count;
    uint32_t reserved;
    uint64_t disk_bytes;  /* bound of the writable layer */
    uint64_t disk_inodes; /* bound of its files */
};

_Static_assert(sizeof(struct hl_spec) == 184, "the Java side writes 184 bytes");

#endif
