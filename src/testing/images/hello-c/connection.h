/* One client connection: requests are read, answered and flushed one after the other. */
#ifndef HELLO_CONNECTION_H
#define HELLO_CONNECTION_H

#include "http.h"
#include "loop.h"

enum {
    HEAD_MAX = 32 * 1024,
    INPUT_MAX = 96 * 1024, /* a head, then room for pipelined bytes or a piece of body */
    OUTPUT_HIGH = 256 * 1024 /* unsent bytes at which no more input is read */
};

enum phase {
    READING_HEAD,
    READING_BODY,
    ANSWERING, /* a timer or another socket will finish the answer, or more zeros are to be sent; input waits */
    UPGRADED,  /* no more HTTP: every byte is sent back */
};

struct connection {
    struct source socket;
    struct source outgoing; /* of /connect */
    struct timer timer;
    struct connection *previous, *next;
    enum phase phase;
    bool peer_finished; /* it will send no more; it may still be reading */
    bool closing;       /* close as soon as all output is sent */
    bool refused;       /* closing, while the peer may still be sending */
    struct request request;
    struct body body;
    bool echoing;
    uint64_t zeros_left; /* of /zeros */
    long chunks_sent, chunks, chunk_every_milliseconds; /* of /stream */
    char *output;
    size_t output_start, output_end, output_size;
    size_t input_start;   /* where the current request begins */
    size_t input_taken;   /* what has been decoded */
    size_t input_end;     /* what has been received */
    size_t input_scanned; /* how far the end of the head was searched for, from input_start */
    char input[INPUT_MAX];
};

void connection_open(int fd);
int connections_open(void);

/* From now on every answer is the last of its connection, and idle connections are closed. */
void connections_drain(void);

/* Frees the connections closed since the last call, for the end of a turn of the loop; true when there were any. */
bool connections_reap(void);

/* Goes on with whatever can be done now; what timers and /connect call after they have answered. */
void connection_advance(struct connection *connection);

/* Whether the connection stays open after the current answer. */
bool connection_keeps(const struct connection *connection);

/* The request is answered: the next one begins where its bytes ended. */
void connection_finish(struct connection *connection);

#endif
