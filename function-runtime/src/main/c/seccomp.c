/*
 * The system call filter of every container's command. Compiled once, when the launcher starts: a start
 * of a container then costs one seccomp(2). The rules come from the runtime as lines of plain words, see
 * SeccompRules.java:
 *
 *   hearth-seccomp 1
 *   default ACTION ERRNO
 *   rule ACTION ERRNO NAME [INDEX COMPARISON VALUE VALUE2]...
 *
 * or "unconfined" instead of the last two.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

#define X32_BIT 0x40000000u
#define MOST_INSTRUCTIONS 4096u /* BPF_MAXINSNS */

static enum { NOT_COMPILED, COMPILED, UNCONFINED } state;
static struct sock_filter instructions[MOST_INSTRUCTIONS];
static unsigned short instruction_count;

struct unknown {
    unsigned count;
    char names[512];
};

/* The number of a word in a list; -1 for one that is not there. */
static int index_of(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; word && i < count; i++)
        if (strcmp(word, list[i]) == 0)
            return (int)i;
    return -1;
}

static bool next_number(char **rest, uint64_t *number)
{
    char *word = strtok_r(NULL, " ", rest), *end;
    if (!word)
        return false;
    errno = 0;
    *number = strtoull(word, &end, 10);
    return errno == 0 && *word >= '0' && *word <= '9' && !*end;
}

static bool next_action(char **rest, uint32_t *action)
{
    static const char *const words[] = {"allow", "errno", "kill-process", "kill-thread", "trap", "log"};
    int word = index_of(strtok_r(NULL, " ", rest), words, sizeof words / sizeof *words);
    uint64_t error;
    if (word < 0 || !next_number(rest, &error) || error > 4095)
        return false;
    const uint32_t actions[] = {SCMP_ACT_ALLOW,       SCMP_ACT_ERRNO((uint32_t)error),
                                SCMP_ACT_KILL_PROCESS, SCMP_ACT_KILL_THREAD,
                                SCMP_ACT_TRAP,         SCMP_ACT_LOG};
    *action = actions[word];
    return true;
}

/* Returns how many there are, or -1 for what is none. */
static int next_comparisons(char **rest, struct scmp_arg_cmp comparisons[6])
{
    static const char *const words[] = {"ne", "lt", "le", "eq", "ge", "gt", "masked-eq"};
    static const enum scmp_compare operators[] = {SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE,       SCMP_CMP_EQ,
                                                  SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ};
    int count = 0;
    uint64_t index;
    while (**rest) {
        if (count == 6 || !next_number(rest, &index) || index > 5)
            return -1;
        int word = index_of(strtok_r(NULL, " ", rest), words, sizeof words / sizeof *words);
        uint64_t value, value2;
        if (word < 0 || !next_number(rest, &value) || !next_number(rest, &value2))
            return -1;
        comparisons[count++] = (struct scmp_arg_cmp){(unsigned)index, operators[word], value, value2};
    }
    return count;
}

/* Adds one rule; a name that libseccomp does not know stays under the default, as with Docker. */
static int add_rule(scmp_filter_ctx filter, char **rest, struct unknown *unknown)
{
    uint32_t action;
    struct scmp_arg_cmp comparisons[6];
    if (!next_action(rest, &action))
        return -EINVAL;
    const char *name = strtok_r(NULL, " ", rest);
    int count = name ? next_comparisons(rest, comparisons) : -1;
    if (count < 0)
        return -EINVAL;
    int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) {
        unknown->count++;
        size_t used = strlen(unknown->names);
        snprintf(unknown->names + used, sizeof unknown->names - used, " %s", name);
        return 0;
    }
    if (number < 0) /* a call that only other architectures have */
        return 0;
    return seccomp_rule_add_array(filter, action, number, (unsigned)count, comparisons);
}

/* Reads the lines after the first into a filter; NULL after having said why. */
static scmp_filter_ctx read_rules(FILE *rules)
{
    scmp_filter_ctx filter = NULL;
    struct unknown unknown = {0};
    char line[1024];
    int error = 0;
    for (unsigned number = 2; !error && fgets(line, sizeof line, rules); number++) {
        line[strcspn(line, "\n")] = '\0';
        char *rest = NULL;
        char *kind = strtok_r(line, " ", &rest);
        uint32_t action;
        if (!filter && kind && !strcmp(kind, "default") && next_action(&rest, &action))
            filter = seccomp_init(action);
        else if (filter && kind && !strcmp(kind, "rule"))
            error = add_rule(filter, &rest, &unknown);
        else
            error = -EINVAL;
        if (error)
            fprintf(stderr, "hearth-launcher: line %u of the seccomp rules: %s\n", number, strerror(-error));
    }
    if (error && filter) {
        seccomp_release(filter);
        return NULL;
    }
    if (!error && !filter)
        fprintf(stderr, "hearth-launcher: the seccomp rules have no default\n");
    if (unknown.count)
        fprintf(stderr, "hearth-launcher: %u system calls of the seccomp profile are unknown to libseccomp %u.%u.%u and not let through:%s\n",
                unknown.count, SCMP_VER_MAJOR, SCMP_VER_MINOR, SCMP_VER_MICRO, unknown.names);
    return filter;
}

static uint32_t highest_known_call(void)
{
    uint32_t highest = 0;
    for (uint32_t number = 0; number < 1024; number++) {
        char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, (int)number);
        if (name)
            highest = number;
        free(name);
    }
    return highest;
}

/*
 * A call that is newer than libseccomp cannot be in any rule. It answers ENOSYS, as an older kernel would,
 * because that is what makes programs fall back; EPERM breaks them (fchmodat2 in glibc 2.39 did).
 */
static unsigned short put_prologue(struct sock_filter *at)
{
    const struct sock_filter prologue[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, highest_known_call(), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    };
    memcpy(at, prologue, sizeof prologue);
    return sizeof prologue / sizeof *prologue;
}

/* Writes the program behind the prologue; returns its bytes, or a negative errno. */
static ssize_t export_program(scmp_filter_ctx filter, void *to, size_t size)
{
#if SCMP_VER_MAJOR > 2 || (SCMP_VER_MAJOR == 2 && SCMP_VER_MINOR >= 6)
    int error = seccomp_export_bpf_mem(filter, to, &size);
    return error ? error : (ssize_t)size;
#else
    int fd = memfd_create("hearth-seccomp", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t result = seccomp_export_bpf(filter, fd);
    if (result == 0) {
        off_t bytes = lseek(fd, 0, SEEK_END);
        result = bytes > (off_t)size ? -E2BIG : pread(fd, to, (size_t)bytes, 0);
    }
    close(fd);
    return result;
#endif
}

static int compile(scmp_filter_ctx filter)
{
    /* The binary tree finds a call in 9 comparisons instead of up to 300. A foreign architecture is killed
       rather than refused: int 0x80 has other numbers and socketcall(2), past every rule below. */
    int error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (!error)
        error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (error)
        return error;
    unsigned short before = put_prologue(instructions);
    ssize_t bytes = export_program(filter, instructions + before, sizeof instructions - before * sizeof *instructions);
    if (bytes <= 0 || bytes % (ssize_t)sizeof *instructions)
        return bytes < 0 ? (int)bytes : -EINVAL;
    instruction_count = (unsigned short)(before + (size_t)bytes / sizeof *instructions);
    return 0;
}

int seccomp_compile(const char *rules_path)
{
    FILE *rules = fopen(rules_path, "re");
    char line[64];
    if (!rules || !fgets(line, sizeof line, rules) || strcmp(line, "hearth-seccomp 1\n")) {
        fprintf(stderr, "hearth-launcher: %s holds no seccomp rules: %s\n", rules_path, strerror(errno));
        if (rules)
            fclose(rules);
        return -1;
    }
    long begin = ftell(rules);
    if (fgets(line, sizeof line, rules) && !strcmp(line, "unconfined\n")) {
        state = UNCONFINED;
        fclose(rules);
        return 0;
    }
    fseek(rules, begin, SEEK_SET);
    scmp_filter_ctx filter = read_rules(rules);
    fclose(rules);
    if (!filter)
        return -1;
    int error = compile(filter);
    seccomp_release(filter);
    if (error) {
        fprintf(stderr, "hearth-launcher: compiling the seccomp rules: %s\n", strerror(-error));
        return -1;
    }
    state = COMPILED;
    return 0;
}

int seccomp_install(void)
{
    if (state == UNCONFINED)
        return 0;
    if (state == NOT_COMPILED) {
        errno = EINVAL;
        return -1;
    }
    struct sock_fprog program = {.len = instruction_count, .filter = instructions};
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}
