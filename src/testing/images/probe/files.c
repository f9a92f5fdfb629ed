/* Files, devices and ways out of the root directory. */
#define _GNU_SOURCE
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The start of a file, or why not. */
static void read_file(FILE *out, const char *path) {
    static char bytes[64 << 10];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
    if (got < 0)
        tell(out, "read", -1);
    else
        fwrite(bytes, 1, (size_t)got, out);
}

/* Opens for writing and writes nothing: what this opens could be written. */
static void open_for_writing(FILE *out, const char *path) {
    tell(out, "open", open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK));
}

static void create(FILE *out, const char *path) {
    tell(out, "create", open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static void read_link(FILE *out, const char *path) {
    char target[4096];
    ssize_t length = readlink(path, target, sizeof target);
    if (length < 0)
        tell(out, "readlink", -1);
    else
        fprintf(out, "%.*s\n", (int)length, target);
}

static void list(FILE *out, const char *path) {
    DIR *directory = opendir(path);
    if (!directory) {
        tell(out, "list", -1);
        return;
    }
    for (struct dirent *entry; (entry = readdir(directory));)
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
            fprintf(out, "%s\n", entry->d_name);
    closedir(directory);
}

/* Every device node below a directory of one file system, with its numbers. */
static void devices(FILE *out, const char *path) {
    DIR *directory = opendir(path);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        char below[4096];
        struct stat file;
        if (entry->d_name[0] == '.' ||
            snprintf(below, sizeof below, "%s/%s", path, entry->d_name) >= (int)sizeof below || lstat(below, &file))
            continue;
        if (S_ISDIR(file.st_mode))
            devices(out, below);
        else if (S_ISCHR(file.st_mode) || S_ISBLK(file.st_mode))
            fprintf(out, "%s %c %u:%u\n", below, S_ISCHR(file.st_mode) ? 'c' : 'b', major(file.st_rdev),
                    minor(file.st_rdev));
    }
    if (directory)
        closedir(directory);
}

static void make_nodes(FILE *out, const char *directory) {
    static const struct {
        const char *name;
        mode_t type;
        unsigned major, minor;
    } nodes[] = {{"disk", S_IFBLK, 8, 0}, {"mem", S_IFCHR, 1, 1},  {"console", S_IFCHR, 5, 1},
                 {"fuse", S_IFCHR, 10, 229}, {"null", S_IFCHR, 1, 3}, {"fifo", S_IFIFO, 0, 0}};
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/made-%s", directory, nodes[i].name);
        tell(out, nodes[i].name, mknod(path, nodes[i].type | 0666, makedev(nodes[i].major, nodes[i].minor)));
        unlink(path);
    }
}

/* chroot(2) does not change the working directory: from outside of the new root ".." leads on up. */
static void leave_chroot(FILE *out, const char *argument) {
    (void)argument;
    struct stat before, after;
    stat("/", &before);
    mkdir("/jail", 0755);
    tell(out, "chroot", chroot("/jail"));
    for (int i = 0; i < 64; i++)
        if (chdir(".."))
            break;
    tell(out, "chroot-up", chroot("."));
    stat("/", &after);
    fprintf(out, "%s\n", before.st_dev == after.st_dev && before.st_ino == after.st_ino ? "same root" : "another root");
}

/* F_GET_SEALS of a file, for the test on the host. */
static void seals(FILE *out, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int seals = fd < 0 ? -1 : fcntl(fd, F_GET_SEALS);
    if (seals < 0)
        tell(out, "seals", -1);
    else
        fprintf(out, "seals %d\n", seals);
}

const struct route file_routes[] = {
    {"/read", read_file},          {"/open-write", open_for_writing}, {"/create", create}, {"/readlink", read_link},
    {"/list", list},               {"/devices", devices},             {"/mknod", make_nodes},
    {"/leave-chroot", leave_chroot}, {"/seals", seals},               {NULL, NULL},
};
