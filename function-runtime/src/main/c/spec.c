/* The process specification: untrusted lengths, so everything is checked before it is used. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher.h"

/* The next string before `end`, advancing *at; NULL when there is none that ends in time. */
static const char *next_string(const char **at, const char *end)
{
    const char *start = *at;
    const char *nul = start < end ? memchr(start, '\0', (size_t)(end - start)) : NULL;
    if (!nul)
        return NULL;
    *at = nul + 1;
    return start;
}

static const char **next_strings(const char **at, const char *end, uint32_t count)
{
    const char **strings = calloc((size_t)count + 1, sizeof *strings);
    for (uint32_t i = 0; strings && i < count; i++) {
        strings[i] = next_string(at, end);
        if (!strings[i]) {
            free(strings);
            return NULL;
        }
    }
    return strings;
}

/* A layer is one name in the store: nothing that could lead elsewhere, or end an overlay option. */
static bool layer_name_is_safe(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length <= 128 && name[0] != '.' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == length;
}

/* Absolute, in a directory that is not the root, without empty components, "." and "..". */
static bool secret_path_is_safe(const char *path)
{
    size_t components = 0, length = strlen(path);
    if (path[0] != '/' || length > 1024)
        return false;
    for (const char *at = path; *at; components++) {
        size_t name = strcspn(++at, "/");
        if (name == 0 || name > 255 || (name == 1 && at[0] == '.') || (name == 2 && at[0] == '.' && at[1] == '.'))
            return false;
        at += name;
    }
    return components >= 2;
}

void spec_free(struct spec *spec)
{
    free((void *)spec->layers);
    free(spec->argv);
    free(spec->envp);
    free(spec->secrets);
}

/* The secret files before `end`, advancing *at; NULL when there are not as many. */
static struct secret *next_secrets(const char **at, const char *end, uint32_t count)
{
    struct secret *secrets = calloc((size_t)count + 1, sizeof *secrets);
    for (uint32_t i = 0; secrets && i < count; i++) {
        struct secret *s = &secrets[i];
        s->path = next_string(at, end);
        bool fine = s->path && (size_t)(end - *at) >= sizeof s->length;
        if (fine) {
            memcpy(&s->length, *at, sizeof s->length);
            *at += sizeof s->length;
            fine = s->length <= (size_t)(end - *at) && secret_path_is_safe(s->path);
        }
        if (!fine) {
            free(secrets);
            return NULL;
        }
        s->bytes = *at;
        *at += s->length;
    }
    return secrets;
}

int spec_parse(const void *data, size_t bytes, struct spec *spec)
{
    memset(spec, 0, sizeof *spec);
    const struct hl_spec *header = data;
    if (bytes < sizeof *header || bytes > HL_SPEC_MAX_BYTES || header->magic != HL_SPEC_MAGIC ||
        header->bytes != bytes)
        return EINVAL;
    if (header->group_count > HL_SPEC_MAX_GROUPS || header->layer_count > HL_SPEC_MAX_STRINGS ||
        header->arg_count > HL_SPEC_MAX_STRINGS || header->env_count > HL_SPEC_MAX_STRINGS ||
        header->file_count > HL_SPEC_MAX_FILES || header->arg_count == 0)
        return E2BIG;

    const char *at = (const char *)data + sizeof *header;
    const char *end = (const char *)data + bytes;
    spec->header = header;
    spec->hostname = next_string(&at, end);
    spec->workdir = next_string(&at, end);
    spec->hosts = next_string(&at, end);
    spec->resolv = next_string(&at, end);
    if (!spec->hostname || !spec->workdir || !spec->hosts || !spec->resolv)
        return EINVAL;
    spec->layers = next_strings(&at, end, header->layer_count);
    spec->argv = spec->layers ? (char **)next_strings(&at, end, header->arg_count) : NULL;
    spec->envp = spec->argv ? (char **)next_strings(&at, end, header->env_count) : NULL;
    spec->secrets = spec->envp ? next_secrets(&at, end, header->file_count) : NULL;
    bool fine = spec->secrets && at == end && spec->workdir[0] == '/' && spec->argv[0][0];
    for (uint32_t i = 0; fine && i < header->layer_count; i++)
        fine = layer_name_is_safe(spec->layers[i]);
    if (!fine) {
        spec_free(spec);
        return EINVAL;
    }
    return 0;
}

int spec_read(int fd, struct spec *spec)
{
    struct stat file;
    if (fstat(fd, &file))
        return errno;
    if (file.st_size <= 0 || file.st_size > (off_t)HL_SPEC_MAX_BYTES)
        return E2BIG;
    size_t bytes = (size_t)file.st_size;
    /* A private copy: the sender could change a shared file after the check. */
    char *copy = malloc(bytes);
    if (!copy || pread(fd, copy, bytes, 0) != (ssize_t)bytes) {
        free(copy);
        return EIO;
    }
    int error = spec_parse(copy, bytes, spec);
    if (error)
        free(copy);
    return error;
}

/* As long as most are, so that malloc(3) gives the same place again. */
struct sample {
    struct hl_spec header;
    char strings[416]; /* no padding after it */
};

int spec_rehearse(void)
{
    static const char hostname[] = "rehearsal", workdir[] = "/", command[] = "/command";
    struct sample sample = {.header = {.magic = HL_SPEC_MAGIC, .bytes = sizeof sample, .arg_count = 1}};
    volatile char stack[4 * 4096]; /* the working directory's path and the overlay's options lie there */
    struct spec spec;
    char *at = sample.strings, *last = sample.strings + sizeof sample.strings - sizeof command;

    at = stpcpy(at, hostname) + 1;
    at = stpcpy(at, workdir) + 1;
    memset(at, 'h', (size_t)(last - at) - 2); /* /etc/hosts; /etc/resolv.conf is empty */
    memcpy(last, command, sizeof command);
    for (size_t i = 0; i < sizeof stack; i += 1024)
        stack[i] = 0;
    int fd = memfd_create("hearth-rehearsal", MFD_CLOEXEC);
    if (fd < 0)
        return -1;
    errno = EIO;
    bool written = write(fd, &sample, sizeof sample) == (ssize_t)sizeof sample;
    if (written && (errno = spec_read(fd, &spec)) == 0) {
        free((void *)spec.header);
        spec_free(&spec);
    }
    int error = errno;
    close(fd);
    errno = error;
    return error ? -1 : 0;
}
