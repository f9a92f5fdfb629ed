#define _GNU_SOURCE
#include "reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append(struct connection *connection, const void *bytes, size_t length) {
    if (connection->output_end + length > connection->output_size) {
        size_t size = connection->output_size ? connection->output_size : 1024;
        while (size < connection->output_end + length)
            size *= 2;
        connection->output = realloc(connection->output, size);
        if (!connection->output)
            abort();
        connection->output_size = size;
    }
    memcpy(connection->output + connection->output_end, bytes, length);
    connection->output_end += length;
}

static const char *reason(int status) {
    switch (status) {
    case 200: return "OK";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 417: return "Expectation Failed";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Status";
    }
}

static void append_head(struct connection *connection, int status, const char *framing) {
    const struct request *request = &connection->request;
    bool keep = connection_keeps(connection);
    char head[256];
    int length = snprintf(head, sizeof head, "HTTP/1.1 %d %s\r\n%s%s%s\r\n", status, reason(status),
                          status == 204 || status == 304 ? "" : "Content-Type: text/plain; charset=utf-8\r\n", framing,
                          !keep ? "Connection: close\r\n" : request->minor == 0 ? "Connection: keep-alive\r\n" : "");
    append(connection, head, (size_t)length);
}

static bool is_head_request(const struct connection *connection) {
    return text_is(connection->request.method, "HEAD");
}

void reply(struct connection *connection, int status, const void *body, size_t length) {
    char framing[64] = "";
    bool bodiless = status == 204 || status == 304;
    if (!bodiless)
        snprintf(framing, sizeof framing, "Content-Length: %zu\r\n", length);
    append_head(connection, status, framing);
    if (!bodiless && !is_head_request(connection))
        append(connection, body, length);
    connection_finish(connection);
}

void reply_text(struct connection *connection, int status, const char *format, ...) {
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    reply(connection, status, text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
}

void reply_begin(struct connection *connection, bool chunked, uint64_t content_length) {
    char framing[64] = "Transfer-Encoding: chunked\r\n";
    if (chunked && connection->request.minor == 0) {
        connection->request.keep_alive = false;
        framing[0] = '\0';
    } else if (!chunked) {
        snprintf(framing, sizeof framing, "Content-Length: %llu\r\n", (unsigned long long)content_length);
    }
    append_head(connection, 200, framing);
}

void reply_piece(struct connection *connection, bool chunked, struct text piece) {
    if (piece.length == 0 || is_head_request(connection))
        return;
    chunked = chunked && connection->request.minor > 0;
    char size[32];
    if (chunked)
        append(connection, size, (size_t)snprintf(size, sizeof size, "%zx\r\n", piece.length));
    append(connection, piece.at, piece.length);
    if (chunked)
        append(connection, "\r\n", 2);
}

void reply_end(struct connection *connection, bool chunked) {
    if (chunked && connection->request.minor > 0 && !is_head_request(connection))
        append(connection, "0\r\n\r\n", 5);
    connection_finish(connection);
}

bool reply_zeros(struct connection *connection) {
    static const char zeros[64 * 1024];
    size_t length = connection->zeros_left < sizeof zeros ? (size_t)connection->zeros_left : sizeof zeros;
    connection->zeros_left = is_head_request(connection) ? 0 : connection->zeros_left - length;
    reply_piece(connection, false, (struct text){zeros, length});
    if (connection->zeros_left == 0)
        reply_end(connection, false);
    return true;
}

void reply_upgrade(struct connection *connection) {
    static const char head[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    append(connection, head, sizeof head - 1);
    connection->phase = UPGRADED;
}

void reply_refusal(struct connection *connection, int status) {
    reply_text(connection, status, "%d %s\n", status, reason(status));
}

void reply_continue(struct connection *connection) {
    append(connection, "HTTP/1.1 100 Continue\r\n\r\n", 25);
}
