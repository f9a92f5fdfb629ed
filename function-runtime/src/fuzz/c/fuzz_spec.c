/* The process specification: bytes from a file that somebody else wrote. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "launcher.h"

static volatile size_t sink;

static void touch(const char *text)
{
    sink += strlen(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Exactly as large as the input, so that a read past its end is seen. */
    uint8_t *copy = malloc(size ? size : 1);
    if (size)
        memcpy(copy, data, size);
    /* The lengths and the mark are easy to check and hard to guess: every other input gets them right. */
    struct hl_spec *header = (struct hl_spec *)(void *)copy;
    if (size >= sizeof *header && copy[size - 1] == 0) {
        header->magic = HL_SPEC_MAGIC;
        header->bytes = (uint32_t)size;
    }
    struct spec spec;
    if (spec_parse(copy, size, &spec) == 0) {
        touch(spec.hostname);
        touch(spec.workdir);
        touch(spec.hosts);
        touch(spec.resolv);
        uint32_t i;
        for (i = 0; spec.layers[i]; i++)
            touch(spec.layers[i]);
        if (i != spec.header->layer_count || spec.header->group_count > HL_SPEC_MAX_GROUPS)
            abort();
        for (i = 0; spec.argv[i]; i++)
            touch(spec.argv[i]);
        if (i == 0 || i != spec.header->arg_count)
            abort();
        for (i = 0; spec.envp[i]; i++)
            touch(spec.envp[i]);
        if (i != spec.header->env_count)
            abort();
        if (spec.header->file_count > HL_SPEC_MAX_FILES)
            abort();
        for (i = 0; i < spec.header->file_count; i++) {
            touch(spec.secrets[i].path);
            for (uint32_t b = 0; b < spec.secrets[i].length; b++)
                sink += (size_t)spec.secrets[i].bytes[b];
        }
        spec_free(&spec);
    }
    free(copy);
    return 0;
}
