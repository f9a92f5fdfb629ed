/* The wire format of HTTP/1.1 requests (RFC 9112), as pure functions over bytes. */
#ifndef HELLO_HTTP_H
#define HELLO_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Bytes inside somebody else's buffer; not NUL-terminated. */
struct text {
    const char *at;
    size_t length;
};

enum framing { BODY_NONE, BODY_LENGTH, BODY_CHUNKED };

struct request {
    struct text head; /* request line and headers as received, without the blank line */
    struct text method, path, query;
    int minor; /* 0 or 1: HTTP/1.<minor> */
    bool keep_alive;
    bool expects_continue;
    enum framing framing;
    uint64_t content_length;
};

/* How far the decoding of one request body has come. */
struct body {
    enum framing framing;
    uint64_t left; /* bytes of the body, or of the current chunk, still to come */
    int at;        /* position in the chunked grammar, see body_take */
    unsigned line; /* bytes seen of the current size line or of the trailers */
    bool complete;
};

/* Length of the head at the start of the buffer, blank line included; 0 when it is not complete yet.
 * `scanned` remembers between calls where to go on, so that a slow head is not searched again and again. */
size_t head_length(const char *buffer, size_t length, size_t *scanned);

/* Fills `request`, which points into `head`. Answers 0, or the status code with which to refuse. */
int parse_head(const char *head, size_t length, struct request *request);

void body_start(struct body *body, const struct request *request);

/* Consumes a prefix of the input and answers its length, with the next body bytes (maybe none) in `data`;
 * -1 when the framing is broken. Call again until it answers 0 or `body->complete`. */
ssize_t body_take(struct body *body, const char *input, size_t length, struct text *data);

bool text_is(struct text text, const char *word);

/* Value of a query parameter, percent-decoded and NUL-terminated into `value`; false when absent. */
bool parameter(const struct request *request, const char *name, char *value, size_t size);

/* A parameter as a number; `fallback` when absent. */
long number(const struct request *request, const char *name, long fallback);

#endif
