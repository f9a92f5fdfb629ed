/*
 * The container's mount tree, in two halves. Parking happens before any request: the slot's private tree
 * with /proc, /dev, /sys and the layers ready-made. Entering happens on the request's path: three small
 * files, the overlay, three moves and a pivot. All of it lives in the slot's own mount namespace, so the
 * kernel takes it down with the last process and nothing can be left behind on the host.
 *
 * The mounts belong to the host's user namespace and the container lives in one of its own (userns.c): even
 * all capabilities in there are none over this tree. What the container owns is given to `root`, the host's
 * id for its root; what it does not own it sees as nobody's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "launcher.h"

#define QUIET (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static int pivot_into(const char *dir)
{
    /* pivot_root(".", ".") stacks the old root on the new one, from where it can be detached without a
       directory to put it in: pivot_root(2), "NOTES". */
    if (chdir(dir) || syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH))
        return -1;
    return chdir("/");
}

static int bind_read_only(const char *source, const char *target, unsigned long flags)
{
    /* The kernel ignores MS_RDONLY on the bind itself; it takes a second call. */
    if (mount(source, target, NULL, MS_BIND | MS_REC, NULL))
        return -1;
    return mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | flags, NULL);
}

/*
 * In this network namespace, whose owner is the host's user namespace, the container's capability to bind
 * ports below 1024 does not count; so there are no such ports (Docker does the same).
 */
static int park_ports(void)
{
    int fd = open("proc/sys/net/ipv4/ip_unprivileged_port_start", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t written = write(fd, "0", 1);
    close(fd);
    return written == 1 ? 0 : -1;
}

static int park_proc(void)
{
    /* What a container may read but not change, and what it may not even see (Docker's defaults). */
    static const char *const read_only[] = {"proc/bus", "proc/fs", "proc/irq", "proc/sys",
                                            "proc/sysrq-trigger"};
    static const char *const masked_files[] = {"proc/kcore",       "proc/keys",        "proc/latency_stats",
                                               "proc/timer_list",  "proc/timer_stats", "proc/sched_debug",
                                               "proc/interrupts"};
    static const char *const masked_dirs[] = {"proc/acpi", "proc/asound", "proc/scsi"};

    if (mkdir("proc", 0555) || mount("proc", "proc", "proc", QUIET, NULL) || park_ports())
        return -1;
    /* The slot is alone in its namespaces: nobody can swap these paths for something else meanwhile. */
    for (size_t i = 0; i < sizeof read_only / sizeof *read_only; i++)
        if (bind_read_only(read_only[i], read_only[i], QUIET) && errno != ENOENT)
            return -1;
    for (size_t i = 0; i < sizeof masked_files / sizeof *masked_files; i++)
        if (mount("dev/null", masked_files[i], NULL, MS_BIND, NULL) && errno != ENOENT)
            return -1;
    for (size_t i = 0; i < sizeof masked_dirs / sizeof *masked_dirs; i++)
        if (mount("tmpfs", masked_dirs[i], "tmpfs", QUIET | MS_RDONLY, "size=0,nr_inodes=2") &&
            errno != ENOENT)
            return -1;
    return 0;
}

static int park_dev(uid_t root)
{
    static const struct {
        const char *path;
        unsigned major, minor;
    } nodes[] = {{"dev/null", 1, 3},   {"dev/zero", 1, 5},    {"dev/full", 1, 7},
                 {"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0}};
    static const char *const links[][2] = {{"/proc/self/fd", "dev/fd"},
                                           {"/proc/self/fd/0", "dev/stdin"},
                                           {"/proc/self/fd/1", "dev/stdout"},
                                           {"/proc/self/fd/2", "dev/stderr"},
                                           {"pts/ptmx", "dev/ptmx"}};

    if (mkdir("dev", 0755) ||
        mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME | MS_NOEXEC, "mode=755,size=64k"))
        return -1;
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
        if (mknod(nodes[i].path, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)) ||
            chown(nodes[i].path, root, root))
            return -1;
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (symlink(links[i][0], links[i][1]))
            return -1;
    if (chown("dev", root, root) || mkdir("dev/pts", 0755) ||
        mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620"))
        return -1;
    if (mkdir("dev/shm", 01777) || mount("shm", "dev/shm", "tmpfs", QUIET, "mode=1777,size=64m"))
        return -1;
    if (mkdir("dev/mqueue", 0755))
        return -1;
    /* Kernels without CONFIG_POSIX_MQUEUE exist; a container rarely misses it. */
    return mount("mqueue", "dev/mqueue", "mqueue", QUIET, NULL) && errno != ENODEV ? -1 : 0;
}

/* Shows the instance its own cgroups, read-only: one tree on v2, one directory per controller on v1. */
static int park_cgroup_view(void)
{
    static const char *const controllers[] = {"cpu", "cpuacct", "memory", "pids"};

    FILE *mine = fopen("proc/self/cgroup", "re");
    if (!mine)
        return -1;
    bool v1 = false;
    char line[512];
    while (fgets(line, sizeof line, mine))
        if (strstr(line, ":memory:") || strstr(line, ",memory") || strstr(line, ":memory,"))
            v1 = true;
    fclose(mine);

    if (!v1) {
        if (mount("cgroup", "sys/fs/cgroup", "cgroup2", QUIET, NULL))
            return -1;
        return mount(NULL, "sys/fs/cgroup", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | QUIET, NULL);
    }
    if (mount("tmpfs", "sys/fs/cgroup", "tmpfs", QUIET, "mode=755,size=4k,nr_inodes=16"))
        return -1;
    for (size_t i = 0; i < sizeof controllers / sizeof *controllers; i++) {
        char target[64];
        snprintf(target, sizeof target, "sys/fs/cgroup/%s", controllers[i]);
        if (mkdir(target, 0755))
            return -1;
        /* EBUSY/EINVAL: the host mounts this controller together with another one, or not at all. */
        if (mount("cgroup", target, "cgroup", QUIET, controllers[i]))
            continue;
        if (mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | QUIET, NULL))
            return -1;
    }
    return mount(NULL, "sys/fs/cgroup", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | QUIET, NULL);
}

static int park_sys(void)
{
    static const char *const masked[] = {"sys/firmware", "sys/devices/virtual/powercap"};
    if (mkdir("sys", 0555) || mount("sysfs", "sys", "sysfs", QUIET | MS_RDONLY, NULL))
        return -1;
    for (size_t i = 0; i < sizeof masked / sizeof *masked; i++)
        if (mount("tmpfs", masked[i], "tmpfs", QUIET | MS_RDONLY, "size=0,nr_inodes=2") &&
            errno != ENOENT)
            return -1;
    /* Tells how hot the neighbours run: Docker masks it, too. Most virtual machines have none. */
    for (long cpu = 0, cpus = sysconf(_SC_NPROCESSORS_CONF); cpu < cpus; cpu++) {
        char throttle[64];
        snprintf(throttle, sizeof throttle, "sys/devices/system/cpu/cpu%ld/thermal_throttle", cpu);
        if (mount("tmpfs", throttle, "tmpfs", QUIET | MS_RDONLY, "size=0,nr_inodes=2") && errno != ENOENT)
            return -1;
    }
    return park_cgroup_view();
}

static int make_dir(const char *path, mode_t mode, uid_t owner)
{
    return mkdir(path, mode) || chown(path, owner, owner) ? -1 : 0;
}

/*
 * Mount points go into the upper directory before the overlay exists: there they hide whatever the image
 * has under those names, a symbolic link too, so none can lead a mount astray.
 */
static int park_upper(uid_t root)
{
    return mkdir("layers", 0755) || mkdir("work", 0755) || mkdir("root", 0755) || mkdir("empty", 0755) ||
                   make_dir("upper", 0755, root) || make_dir("upper/proc", 0555, root) ||
                   make_dir("upper/dev", 0755, root) || make_dir("upper/sys", 0555, root) ||
                   make_dir("upper/etc", 0755, root) || make_dir("upper/tmp", 01777, root)
               ? -1
               : 0;
}

int rootfs_park(const struct host *host, uid_t root, int *step)
{
    umask(0);
    *step = HL_STEP_SLOT_TREE;
    /* Private first: nothing below may propagate to the host. */
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount("hearth", host->slot_dir, "tmpfs", MS_NODEV | MS_NOSUID, "mode=755") ||
        chdir(host->slot_dir) || park_upper(root))
        return -1;
    *step = HL_STEP_DEV; /* before /proc, whose masks are made of /dev/null */
    if (park_dev(root))
        return -1;
    *step = HL_STEP_PROC;
    if (park_proc())
        return -1;
    *step = HL_STEP_SYS;
    return park_sys();
}

int rootfs_park_layers(const struct host *host, uid_t root, int userns, int *step)
{
    *step = HL_STEP_LAYERS;
    int tree = (int)syscall(SYS_open_tree, AT_FDCWD, host->layers_dir, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0)
        return -1;
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID};
    if (userns >= 0) {
        attributes.attr_set |= MOUNT_ATTR_IDMAP; /* Linux 5.12; on the layers of an overlay 5.19 */
        attributes.userns_fd = (uint64_t)userns;
    }
    if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) ||
        syscall(SYS_move_mount, tree, "", AT_FDCWD, "layers", MOVE_MOUNT_F_EMPTY_PATH) ||
        chown("empty", root, root))
        return -1;
    close(tree);
    *step = HL_STEP_SLOT_PIVOT;
    return pivot_into(".");
}

static int write_file(const char *path, const char *text, uid_t owner)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return -1;
    size_t length = strlen(text);
    ssize_t written = write(fd, text, length);
    int owned = fchown(fd, owner, owner);
    close(fd);
    if (written != (ssize_t)length) {
        errno = written < 0 ? errno : ENOSPC;
        return -1;
    }
    return owned;
}

static int fill_upper(const struct spec *spec, uid_t root)
{
    char limits[96];
    snprintf(limits, sizeof limits, "mode=755,size=%llu,nr_inodes=%llu",
             (unsigned long long)spec->header->disk_bytes, (unsigned long long)spec->header->disk_inodes);
    if (mount(NULL, "/", NULL, MS_REMOUNT | MS_NODEV | MS_NOSUID, limits))
        return -1;
    char hostname[80];
    snprintf(hostname, sizeof hostname, "%s\n", spec->hostname);
    return write_file("/upper/etc/hosts", spec->hosts, root) ||
                   write_file("/upper/etc/resolv.conf", spec->resolv, root) ||
                   write_file("/upper/etc/hostname", hostname, root)
               ? -1
               : 0;
}

/* Many layers: their names do not fit into mount(2)'s one page of options; Linux 6.7 takes them singly. */
static int mount_many_layers(const struct spec *spec)
{
    int fs = (int)syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC);
    if (fs < 0)
        return -1;
    for (uint32_t i = 0; i < spec->header->layer_count; i++) {
        char name[160];
        snprintf(name, sizeof name, "/layers/%s", spec->layers[i]);
        if (syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "lowerdir+", name, 0))
            return -1;
    }
    if (syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "upperdir", "/upper", 0) ||
        syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "workdir", "/work", 0) ||
        syscall(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, "volatile", NULL, 0) ||
        syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
        return -1;
    int mounted = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV);
    if (mounted < 0)
        return -1;
    int result = (int)syscall(SYS_move_mount, mounted, "", AT_FDCWD, "/root", MOVE_MOUNT_F_EMPTY_PATH);
    close(mounted);
    close(fs);
    return result;
}

int rootfs_overlay(const struct spec *spec)
{
    char options[4096]; /* one page: all that mount(2) copies */
    /* The instance never outlives its writable layer, so no sync is owed to it: "volatile", Linux 5.10. */
    size_t at = (size_t)snprintf(options, sizeof options, "upperdir=upper,workdir=work,volatile,lowerdir=");
    for (uint32_t i = 0; i < spec->header->layer_count; i++) {
        at += (size_t)snprintf(options + at, sizeof options - at, "%slayers/%s", i ? ":" : "",
                               spec->layers[i]);
        if (at >= sizeof options - 1)
            return mount_many_layers(spec);
    }
    if (spec->header->layer_count == 0)
        snprintf(options + at, sizeof options - at, "empty");
    return mount("overlay", "root", "overlay", MS_NODEV, options);
}

int rootfs_enter(const struct spec *spec, uid_t root, int *step)
{
    *step = HL_STEP_UPPER;
    if (fill_upper(spec, root))
        return -1;
    *step = HL_STEP_OVERLAY;
    if (rootfs_overlay(spec))
        return -1;
    *step = HL_STEP_SECRETS;
    if (spec->header->file_count && secrets_mount(spec, "/root", root))
        return -1;
    *step = HL_STEP_MOVE;
    if (mount("/proc", "/root/proc", NULL, MS_MOVE, NULL) ||
        mount("/dev", "/root/dev", NULL, MS_MOVE, NULL) || mount("/sys", "/root/sys", NULL, MS_MOVE, NULL))
        return -1;
    *step = HL_STEP_PIVOT;
    return pivot_into("/root");
}
