/* One thread's event loop: file descriptors that get ready, and timers. */
#ifndef HELLO_LOOP_H
#define HELLO_LOOP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* A watched file descriptor, embedded in its owner. The owner's memory must outlive the current turn of the loop. */
struct source {
    int fd; /* -1 when closed */
    uint32_t watched;
    bool added;
    void *owner;
    void (*ready)(void *owner, uint32_t events);
};

struct timer {
    uint64_t at_milliseconds;
    bool armed;
    void *owner;
    void (*fire)(void *owner);
    struct timer *previous, *next;
};

void loop_open(void);
uint64_t now_milliseconds(void);

/* Sets which epoll events the source wants; a system call only when that changes. */
void watch(struct source *source, uint32_t events);
void source_close(struct source *source);

void timer_set(struct timer *timer, uint64_t after_milliseconds, void *owner, void (*fire)(void *owner));
void timer_clear(struct timer *timer);

/* Waits for events, timers or a signal outside `blocked`, and serves what came. */
void loop_turn(const sigset_t *blocked);

#endif
