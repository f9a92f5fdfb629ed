#define _GNU_SOURCE
#include "connection.h"

#include "reply.h"
#include "routes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINGER_MILLISECONDS = 1000 };

static struct connection *open_connections, *closed_connections;
static int open_count;
static bool draining;

static size_t unsent(const struct connection *connection) {
    return connection->output_end - connection->output_start;
}

bool connection_keeps(const struct connection *connection) {
    return connection->request.keep_alive && !draining && !connection->refused;
}

void connection_finish(struct connection *connection) {
    connection->phase = READING_HEAD;
    connection->echoing = false;
    connection->input_start = connection->input_taken;
    connection->input_scanned = 0;
    if (!connection_keeps(connection))
        connection->closing = true;
}

/* ---- input ---- */

static void refuse(struct connection *connection, int status) {
    connection->refused = true;
    connection->closing = true;
    if (connection->phase == READING_BODY && connection->echoing)
        return; /* the answer has begun: cutting it short is all that is left */
    reply_refusal(connection, status);
}

static void shift_input(struct connection *connection, size_t from, size_t to) {
    memmove(connection->input + to, connection->input + from, connection->input_end - from);
    connection->input_end -= from - to;
    connection->input_taken = to;
}

/* True when a head was taken (or refused), false when bytes are missing. */
static bool take_head(struct connection *connection) {
    while (connection->input_start < connection->input_end && connection->input_scanned == 0
           && (connection->input[connection->input_start] == '\r' || connection->input[connection->input_start] == '\n'))
        connection->input_start++; /* RFC 9112 section 2.2: empty lines before a request are skipped */
    connection->input_taken = connection->input_start;
    if (connection->input_start > INPUT_MAX / 2) {
        shift_input(connection, connection->input_start, 0);
        connection->input_start = 0;
    }
    const char *head = connection->input + connection->input_start;
    size_t available = connection->input_end - connection->input_start;
    size_t length = head_length(head, available, &connection->input_scanned);
    connection->request.method.length = 0; /* in case of a refusal before the parse */
    if (length > HEAD_MAX || (length == 0 && available >= HEAD_MAX)) {
        refuse(connection, 431);
        return true;
    }
    if (length == 0)
        return false;
    int refusal = parse_head(head, length, &connection->request);
    if (refusal) {
        refuse(connection, refusal);
        return true;
    }
    connection->input_taken += length;
    connection->phase = READING_BODY;
    body_start(&connection->body, &connection->request);
    if (connection->request.expects_continue && !connection->body.complete)
        reply_continue(connection);
    connection->echoing = text_is(connection->request.path, "/echo");
    if (connection->echoing)
        reply_begin(connection, connection->body.framing == BODY_CHUNKED, connection->request.content_length);
    return true;
}

/* True when something was taken, false when bytes are missing. */
static bool take_body(struct connection *connection) {
    bool chunked = connection->body.framing == BODY_CHUNKED;
    if (!connection->body.complete) {
        struct text data;
        ssize_t used = body_take(&connection->body, connection->input + connection->input_taken,
                                 connection->input_end - connection->input_taken, &data);
        if (used < 0) {
            refuse(connection, 400);
            return true;
        }
        if (used == 0)
            return false;
        connection->input_taken += (size_t)used;
        if (connection->echoing)
            reply_piece(connection, chunked, data);
    }
    if (!connection->body.complete)
        return true;
    if (connection->echoing)
        reply_end(connection, chunked);
    else
        answer(connection);
    return true;
}

/* True when something was taken, false when nothing came. */
static bool take_upgraded(struct connection *connection) {
    struct text data = {connection->input + connection->input_taken, connection->input_end - connection->input_taken};
    if (data.length == 0)
        return false;
    reply_piece(connection, false, data);
    connection->input_start = connection->input_taken = connection->input_end = 0;
    return true;
}

static bool step(struct connection *connection) {
    if (connection->closing)
        return false;
    switch (connection->phase) {
    case READING_HEAD:
        return take_head(connection);
    case READING_BODY:
        return take_body(connection);
    case ANSWERING:
        return connection->zeros_left > 0 && reply_zeros(connection);
    case UPGRADED:
        return take_upgraded(connection);
    }
    return false;
}

/* ---- the socket ---- */

static void connection_close(void *owner) {
    struct connection *connection = owner;
    source_close(&connection->socket);
    source_close(&connection->outgoing);
    timer_clear(&connection->timer);
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        open_connections = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    connection->next = closed_connections;
    closed_connections = connection;
    open_count--;
}

/* Reads once: the loop is level-triggered, so what is left comes with its next turn. False when it broke. */
static bool fill(struct connection *connection) {
    if (connection->phase == READING_HEAD && connection->input_start > 0) {
        shift_input(connection, connection->input_start, 0);
        connection->input_start = 0;
    } else if (connection->phase == READING_BODY) {
        size_t head_end = (size_t)(connection->request.head.at - connection->input) + connection->request.head.length + 2;
        shift_input(connection, connection->input_taken, head_end);
    }
    if (connection->input_end == INPUT_MAX)
        return true;
    ssize_t count =
        read(connection->socket.fd, connection->input + connection->input_end, INPUT_MAX - connection->input_end);
    if (count > 0)
        connection->input_end += (size_t)count;
    else if (count == 0)
        connection->peer_finished = true;
    return count >= 0 || errno == EAGAIN || errno == EINTR;
}

static bool flush(struct connection *connection) {
    while (unsent(connection)) {
        ssize_t count = write(connection->socket.fd, connection->output + connection->output_start, unsent(connection));
        if (count < 0)
            return errno == EAGAIN || errno == EINTR;
        connection->output_start += (size_t)count;
    }
    connection->output_start = connection->output_end = 0;
    return true;
}

/* A refused peer may still be sending; closing at once would reset the connection and could destroy the answer
 * before it is read. So: send our end, swallow what comes, and close when the peer does or a second has passed. */
static void linger(struct connection *connection) {
    if (!connection->timer.armed) {
        shutdown(connection->socket.fd, SHUT_WR);
        timer_set(&connection->timer, LINGER_MILLISECONDS, connection, connection_close);
    }
    watch(&connection->socket, EPOLLIN);
}

void connection_advance(struct connection *connection) {
    bool more = true;
    while (more) {
        while ((more = step(connection)) && unsent(connection) < OUTPUT_HIGH)
            ;
        if (!flush(connection)) {
            connection_close(connection);
            return;
        }
        if (unsent(connection) >= OUTPUT_HIGH)
            break;
    }
    bool idle = connection->phase == READING_HEAD && connection->input_start == connection->input_end;
    if (draining && idle)
        connection->closing = true;
    bool wants_input = !connection->closing && connection->phase != ANSWERING && unsent(connection) < OUTPUT_HIGH;
    if (wants_input && connection->peer_finished)
        connection->closing = true;
    if (connection->closing && unsent(connection) == 0) {
        if (connection->refused && !connection->peer_finished)
            linger(connection);
        else
            connection_close(connection);
        return;
    }
    bool reads = wants_input && !connection->peer_finished;
    watch(&connection->socket, (reads ? EPOLLIN : 0) | (unsent(connection) ? EPOLLOUT : 0));
}

static void on_ready(void *owner, uint32_t events) {
    struct connection *connection = owner;
    bool lingering = connection->refused && unsent(connection) == 0;
    if (lingering)
        connection->input_start = connection->input_taken = connection->input_end = 0;
    if ((events & (EPOLLERR | EPOLLHUP)) || ((events & EPOLLIN) && !fill(connection)))
        connection_close(connection);
    else
        connection_advance(connection);
}

void connection_open(int fd) {
    struct connection *connection = malloc(sizeof *connection);
    if (!connection) {
        close(fd);
        return;
    }
    /* not the input buffer: its pages are touched when bytes come */
    memset(connection, 0, offsetof(struct connection, input));
    connection->socket = (struct source){.fd = fd, .owner = connection, .ready = on_ready};
    connection->outgoing.fd = -1;
    connection->next = open_connections;
    if (open_connections)
        open_connections->previous = connection;
    open_connections = connection;
    open_count++;
    on_ready(connection, EPOLLIN); /* the request is often there already */
}

int connections_open(void) {
    return open_count;
}

void connections_drain(void) {
    draining = true;
    struct connection *next;
    for (struct connection *connection = open_connections; connection; connection = next) {
        next = connection->next;
        if (connection->phase != READING_HEAD || connection->closing)
            continue;
        if (fill(connection)) /* a request may have come that was not read yet */
            connection_advance(connection);
        else
            connection_close(connection);
    }
}

bool connections_reap(void) {
    bool any = closed_connections;
    while (closed_connections) {
        struct connection *next = closed_connections->next;
        free(closed_connections->output);
        free(closed_connections);
        closed_connections = next;
    }
    return any;
}
