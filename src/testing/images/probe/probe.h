/* An attacker in a container: every route tries something and says how it went, "ok" or the error's name. */
#ifndef PROBE_H
#define PROBE_H

#include <stdio.h>

/* One attempt, in a process of its own; `argument` is what follows the question mark, or "". */
typedef void attempt(FILE *out, const char *argument);

struct route {
    const char *path; /* NULL ends a table */
    attempt *run;
};

extern const struct route syscall_routes[], process_routes[], file_routes[], resource_routes[];

/* Prints "WHAT ok", or "WHAT ENAME" for a result below zero. */
void tell(FILE *out, const char *what, long result);

/* Runs `body` in a child and prints "WHAT ok", "WHAT ENAME" for what it returns (0 or an errno), or
 * "WHAT SIGNAME" for the signal that ended it. */
void tell_in_child(FILE *out, const char *what, int (*body)(const void *), const void *argument);

/* The descriptors that were open when the program started: "0 1 2". */
extern char descriptors_at_start[256];

#endif
