/*
 * Secrets as files. Each directory of them is a file system of its own, in memory: ramfs, whose pages are never
 * swapped, as those of tmpfs are. It is filled while nobody can reach it, made read-only, and then mounted over
 * a directory of the container's, whatever the image has there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

static size_t directory_length(const char *path)
{
    return (size_t)(strrchr(path, '/') - path);
}

static bool same_directory(const char *a, const char *b)
{
    size_t length = directory_length(a);
    return length == directory_length(b) && memcmp(a, b, length) == 0;
}

static int write_whole(int fd, const char *bytes, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t written = write(fd, bytes + done, length - done);
        if (written < 0)
            return -1;
        done += (size_t)written;
    }
    return 0;
}

static int add_file(int directory, const struct secret *secret, uid_t uid, gid_t gid)
{
    const char *name = strrchr(secret->path, '/') + 1;
    int fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400);
    if (fd < 0)
        return -1;
    int result = write_whole(fd, secret->bytes, secret->length) || fchown(fd, uid, gid) ? -1 : 0;
    close(fd);
    return result;
}

/* A file system that nobody can reach as yet, for files; returns its root, or -1. */
static int make_memory(void)
{
    int fs = (int)syscall(SYS_fsopen, "ramfs", FSOPEN_CLOEXEC);
    if (fs < 0)
        return -1;
    int mounted = -1;
    if (!syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "mode", "0500", 0) &&
        !syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
        mounted = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC,
                               MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    int error = errno;
    close(fs);
    errno = error;
    return mounted;
}

/* Opens a directory of the container's, as the container would see the path; -1 when there is none. */
static int open_in(int tree, const char *path)
{
    struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                           .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    return (int)syscall(SYS_openat2, tree, path, &how, sizeof how);
}

/*
 * The directory `path` of the tree, made where it is missing. Symbolic links of the image are followed within
 * the tree, as the container would; nothing of the container's runs yet that could change them meanwhile.
 */
static int reach(int tree, const char *path, uid_t root)
{
    char part[1032];
    int parent = open_in(tree, "/");
    for (const char *at = path; parent >= 0 && *at;) {
        const char *name = at + 1;
        at = name + strcspn(name, "/");
        size_t length = (size_t)(at - path);
        memcpy(part, path, length);
        part[length] = '\0';
        int next = open_in(tree, part);
        if (next < 0 && errno == ENOENT) {
            const char *last = part + (name - path);
            if (!mkdirat(parent, last, 0755) && !fchownat(parent, last, root, root, AT_SYMLINK_NOFOLLOW))
                next = open_in(tree, part);
        }
        int error = errno;
        close(parent);
        errno = error;
        parent = next;
    }
    return parent;
}

static int mount_directory(int tree, int memory, const char *path, uid_t root)
{
    struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
    int target = reach(tree, path, root);
    if (target < 0)
        return -1;
    int result = syscall(SYS_mount_setattr, memory, "", AT_EMPTY_PATH, &read_only, sizeof read_only) ||
                         syscall(SYS_move_mount, memory, "", target, "",
                                 MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH)
                     ? -1
                     : 0;
    int error = errno;
    close(target);
    errno = error;
    return result;
}

/* The directory of the secret number `first`, with all that are in it. */
static int mount_with(const struct spec *spec, uint32_t first, int tree, uid_t root)
{
    const struct secret *secrets = spec->secrets;
    uid_t uid = root + spec->header->uid;
    gid_t gid = root + spec->header->gid;
    size_t length = directory_length(secrets[first].path);
    char path[1032];
    int memory = make_memory();
    if (memory < 0)
        return -1;
    int result = 0;
    for (uint32_t i = first; result == 0 && i < spec->header->file_count; i++)
        if (same_directory(secrets[i].path, secrets[first].path))
            result = add_file(memory, &secrets[i], uid, gid);
    memcpy(path, secrets[first].path, length);
    path[length] = '\0';
    if (result == 0 && !fchownat(memory, "", uid, gid, AT_EMPTY_PATH))
        result = mount_directory(tree, memory, path, root);
    else
        result = -1;
    int error = errno;
    close(memory);
    errno = error;
    return result;
}

int secrets_mount(const struct spec *spec, const char *root_dir, uid_t root)
{
    int tree = open(root_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (tree < 0)
        return -1;
    int result = 0;
    for (uint32_t i = 0; result == 0 && i < spec->header->file_count; i++) {
        bool done = false;
        for (uint32_t j = 0; j < i; j++)
            done |= same_directory(spec->secrets[i].path, spec->secrets[j].path);
        if (!done)
            result = mount_with(spec, i, tree, root);
    }
    int error = errno;
    close(tree);
    errno = error;
    return result;
}
