/* Answers, written into the output of a connection; connection.c sends them. */
#ifndef HELLO_REPLY_H
#define HELLO_REPLY_H

#include "connection.h"

/* A whole answer. */
void reply(struct connection *connection, int status, const void *body, size_t length);
void reply_text(struct connection *connection, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
void reply_refusal(struct connection *connection, int status);

/* "100 Continue": the client waits for it before it sends the body. */
void reply_continue(struct connection *connection);

/* An answer in pieces: chunked (for HTTP/1.0 ended by closing instead), or of a known length. */
void reply_begin(struct connection *connection, bool chunked, uint64_t content_length);
void reply_piece(struct connection *connection, bool chunked, struct text piece);
void reply_end(struct connection *connection, bool chunked);

/* The next piece of /zeros, and the end after the last; true. */
bool reply_zeros(struct connection *connection);

/* "101 Switching Protocols"; what follows on the connection is not HTTP. */
void reply_upgrade(struct connection *connection);

#endif
