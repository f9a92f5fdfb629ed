#define _GNU_SOURCE
#include "loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 128 };

static int epoll_fd = -1;

/* Sorted by time. Insertion walks from the end, where equal sleeps that begin one after the other belong. */
static struct timer timers = {.previous = &timers, .next = &timers};

void loop_open(void) {
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0) {
        fprintf(stderr, "hello: epoll_create1 failed: %s\n", strerror(errno));
        exit(1);
    }
}

uint64_t now_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void watch(struct source *source, uint32_t events) {
    if (source->added && source->watched == events)
        return;
    struct epoll_event event = {.events = events, .data.ptr = source};
    if (epoll_ctl(epoll_fd, source->added ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, source->fd, &event) < 0) {
        fprintf(stderr, "hello: epoll_ctl failed: %s\n", strerror(errno));
        exit(1);
    }
    source->added = true;
    source->watched = events;
}

void source_close(struct source *source) {
    if (source->fd >= 0)
        close(source->fd);
    source->fd = -1;
    source->added = false;
}

void timer_set(struct timer *timer, uint64_t after_milliseconds, void *owner, void (*fire)(void *owner)) {
    timer_clear(timer);
    /* + 1: the clock is cut off to whole milliseconds, and a sleep must not end early */
    timer->at_milliseconds = now_milliseconds() + after_milliseconds + (after_milliseconds ? 1 : 0);
    timer->armed = true;
    timer->owner = owner;
    timer->fire = fire;
    struct timer *before = timers.previous;
    while (before != &timers && before->at_milliseconds > timer->at_milliseconds)
        before = before->previous;
    timer->previous = before;
    timer->next = before->next;
    before->next->previous = timer;
    before->next = timer;
}

void timer_clear(struct timer *timer) {
    if (!timer->armed)
        return;
    timer->previous->next = timer->next;
    timer->next->previous = timer->previous;
    timer->armed = false;
}

static int timeout_milliseconds(void) {
    if (timers.next == &timers)
        return -1;
    uint64_t now = now_milliseconds(), at = timers.next->at_milliseconds;
    if (at <= now)
        return 0;
    return at - now > 1000000 ? 1000000 : (int)(at - now);
}

static void fire_due_timers(void) {
    if (timers.next == &timers)
        return;
    uint64_t now = now_milliseconds();
    while (timers.next != &timers && timers.next->at_milliseconds <= now) {
        struct timer *due = timers.next;
        timer_clear(due);
        due->fire(due->owner);
    }
}

void loop_turn(const sigset_t *blocked) {
    struct epoll_event events[BATCH];
    int count = epoll_pwait(epoll_fd, events, BATCH, timeout_milliseconds(), blocked);
    for (int i = 0; i < count; i++) {
        struct source *source = events[i].data.ptr;
        if (source->fd >= 0) /* an earlier event of this batch may have closed it */
            source->ready(source->owner, events[i].events);
    }
    fire_due_timers();
}
