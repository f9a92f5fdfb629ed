/*
 * Which device nodes a container may use, on cgroup v2: a BPF program that the kernel asks at every open
 * and mknod (kernel documentation, admin-guide/cgroup-v2, "Device controller"). Version 1 has a controller
 * for it, which the runtime sets; DeviceRules.java holds the same list.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

#define ANY (-1)

static const struct {
    int major, minor;
} allowed[] = {
    {0, 0},     /* whiteout: overlayfs's mark of a deleted file, asked for before Linux 5.8 */
    {1, 3},     /* null */
    {1, 5},     /* zero */
    {1, 7},     /* full */
    {1, 8},     /* random */
    {1, 9},     /* urandom */
    {5, 0},     /* tty */
    {5, 2},     /* ptmx */
    {136, ANY}, /* pts */
};

#define RULES (sizeof allowed / sizeof *allowed)
#define MOST_INSTRUCTIONS (6 + RULES * 4 + 2)

static struct bpf_insn load(int to, int offset)
{
    return (struct bpf_insn){.code = BPF_LDX | BPF_MEM | BPF_W,
                             .dst_reg = (uint8_t)(to & 15),
                             .src_reg = BPF_REG_1,
                             .off = (int16_t)offset};
}

static struct bpf_insn skip_unless_equal(int reg, int value, int instructions)
{
    return (struct bpf_insn){.code = BPF_JMP | BPF_JNE | BPF_K,
                             .dst_reg = (uint8_t)(reg & 15),
                             .off = (int16_t)instructions,
                             .imm = value};
}

static struct bpf_insn answer(int allow)
{
    return (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = allow};
}

static const struct bpf_insn done = {.code = BPF_JMP | BPF_EXIT};

/* One block a rule: not this major, not this minor: on to the next; else 1. After the last: 0. */
static uint32_t assemble(struct bpf_insn *to)
{
    enum { TYPE = BPF_REG_2, MAJOR = BPF_REG_3, MINOR = BPF_REG_4 };
    struct bpf_insn *at = to;
    *at++ = load(TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
    *at++ = (struct bpf_insn){.code = BPF_ALU | BPF_AND | BPF_K, .dst_reg = TYPE, .imm = 0xffff};
    *at++ = load(MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
    *at++ = load(MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
    struct bpf_insn *not_a_char_device = at++;
    for (size_t i = 0; i < RULES; i++) {
        bool any = allowed[i].minor == ANY;
        *at++ = skip_unless_equal(MAJOR, allowed[i].major, any ? 2 : 3);
        if (!any)
            *at++ = skip_unless_equal(MINOR, allowed[i].minor, 2);
        *at++ = answer(1);
        *at++ = done;
    }
    *not_a_char_device = skip_unless_equal(TYPE, BPF_DEVCG_DEV_CHAR, (int)(at - not_a_char_device - 1));
    *at++ = answer(0);
    *at++ = done;
    return (uint32_t)(at - to);
}

static int bpf(int command, union bpf_attr *attr)
{
    return (int)syscall(SYS_bpf, command, attr, sizeof *attr);
}

static int load_filter(void)
{
    struct bpf_insn program[MOST_INSTRUCTIONS];
    union bpf_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    attr.insns = (uint64_t)(uintptr_t)program;
    attr.insn_cnt = assemble(program);
    attr.license = (uint64_t)(uintptr_t)"Apache-2.0"; /* it calls nothing that asks for another */
    return bpf(BPF_PROG_LOAD, &attr); /* close-on-exec, as all of bpf(2)'s */
}

static int attach_filter(int cgroup, int filter)
{
    union bpf_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.target_fd = (uint32_t)cgroup;
    attr.attach_bpf_fd = (uint32_t)filter;
    attr.attach_type = BPF_CGROUP_DEVICE;
    /* Beside the filters that systemd or a container engine put on the groups above: all must agree. */
    attr.attach_flags = BPF_F_ALLOW_MULTI;
    return bpf(BPF_PROG_ATTACH, &attr);
}

void devices_bound(const int *join, size_t join_count)
{
    static int filter = -1;
    static bool refused;
    struct stat file;
    if (refused || join_count != 1 || fstat(join[0], &file) || !S_ISDIR(file.st_mode))
        return; /* cgroup v1 */
    if (filter < 0)
        filter = load_filter();
    if (filter >= 0 && attach_filter(join[0], filter) == 0)
        return;
    /* A second wall only: containers have no MKNOD, and only /dev is mounted with devices. */
    refused = true;
    fprintf(stderr,
            "hearth-launcher: bounding device access: %s; sandboxes go on without the BPF device filter "
            "(it needs CAP_BPF or CAP_SYS_ADMIN, CAP_NET_ADMIN, and CONFIG_CGROUP_BPF)\n",
            strerror(errno));
}
