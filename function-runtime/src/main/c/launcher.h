/* What the launcher's few files share. */
#ifndef HEARTH_LAUNCHER_H
#define HEARTH_LAUNCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "protocol.h"

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
};

/* Parses `bytes` bytes at `data`, which must stay; returns 0 or an errno. Allocates the arrays. */
int spec_parse(const void *data, size_t bytes, struct spec *spec);
/* Frees the arrays of a parsed specification. */
void spec_free(struct spec *spec);

/* Messages with descriptors. Both return 0 or -1 with errno; received descriptors are close-on-exec. */
int wire_send(int sock, const struct hl_message *message, const int *fds, size_t fd_count);
/* Returns 1 for a message, 0 for the end of the connection, -1 with errno (EPROTO: not a message). */
int wire_receive(int sock, struct hl_message *message, int *fds, size_t *fd_count);
void wire_close(const int *fds, size_t fd_count);

/* Where slots find what they need on this host. */
struct host {
    const char *slot_dir;   /* any empty directory, covered by each slot in its own mount namespace */
    const char *layers_dir; /* the layer store */
};

/* The life of a slot's first process, from clone to the container's end; never returns. */
_Noreturn void sandbox_main(const struct host *host, int control, const int *join, size_t join_count);

/* The container's mount tree. Return 0, or -1 with errno and the step in *step. */
int rootfs_park(const struct host *host, int *step);
int rootfs_enter(const struct spec *spec, int *step);

/* Becomes the container's user without privileges and executes its command; returns the failed step. */
int process_exec(const struct spec *spec);
/* Gives up every capability but those to signal the container's processes. */
int process_drop_to_init(void);

/* Makes the filter from the runtime's rules, once; returns 0, or -1 after having said why. */
int seccomp_compile(const char *rules_path);
/* Puts the calling process under it for good; no_new_privs must be set. Returns 0, or -1 with errno. */
int seccomp_install(void);

/* Executes a sealed copy of this program; returns 0 when it is one already, or -1 with errno. */
int sealed_run(char **argv);

uint64_t monotonic_ns(void);

#endif
