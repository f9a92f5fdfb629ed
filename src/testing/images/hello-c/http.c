#define _GNU_SOURCE
#include "http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CHUNK_LINE_MAX = 4096, TRAILERS_MAX = 16 * 1024 };

bool text_is(struct text text, const char *word) {
    return text.length == strlen(word) && memcmp(text.at, word, text.length) == 0;
}

static bool text_is_caseless(struct text text, const char *word) {
    return text.length == strlen(word) && strncasecmp(text.at, word, text.length) == 0;
}

static bool is_token(struct text text) {
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alphanumeric && (c == '\0' || !strchr(others, c)))
            return false;
    }
    return text.length > 0;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t';
}

static struct text trim(struct text text) {
    while (text.length && is_space(text.at[0]))
        text.at++, text.length--;
    while (text.length && is_space(text.at[text.length - 1]))
        text.length--;
    return text;
}

/* Splits off what stands before the first `separator`; all of it when there is none. */
static struct text cut(struct text *rest, char separator) {
    const char *found = memchr(rest->at, separator, rest->length);
    struct text first = {rest->at, found ? (size_t)(found - rest->at) : rest->length};
    size_t skipped = first.length + (found ? 1 : 0);
    rest->at += skipped;
    rest->length -= skipped;
    return first;
}

/* A bare LF ends a line here only so that parse_head sees it, and refuses it, instead of waiting for ever. */
size_t head_length(const char *buffer, size_t length, size_t *scanned) {
    for (;;) {
        const char *found = memchr(buffer + *scanned, '\n', length - *scanned);
        if (!found) {
            *scanned = length;
            return 0;
        }
        size_t next = (size_t)(found - buffer) + 1;
        if (next < length && buffer[next] == '\n')
            return next + 1;
        if (next + 1 < length && buffer[next] == '\r' && buffer[next + 1] == '\n')
            return next + 2;
        if (next == length || (next + 1 == length && buffer[next] == '\r')) {
            *scanned = next - 1;
            return 0;
        }
        *scanned = next;
    }
}

static int parse_request_line(struct text line, struct request *request) {
    request->method = cut(&line, ' ');
    struct text target = cut(&line, ' ');
    if (!is_token(request->method) || target.length == 0)
        return 400;
    if (line.length != 8 || memcmp(line.at, "HTTP/", 5) != 0 || line.at[6] != '.')
        return 400;
    if (line.at[5] != '1')
        return 505;
    request->minor = line.at[7] == '0' ? 0 : 1;
    request->keep_alive = request->minor == 1;
    if (target.length > 7 && strncasecmp(target.at, "http://", 7) == 0) {
        const char *slash = memchr(target.at + 7, '/', target.length - 7);
        target = slash ? (struct text){slash, target.length - (size_t)(slash - target.at)} : (struct text){"/", 1};
    }
    request->path = cut(&target, '?');
    request->query = target;
    return 0;
}

static int parse_content_length(struct text value, struct request *request) {
    uint64_t length = 0;
    if (value.length == 0 || value.length > 18)
        return 400;
    for (size_t i = 0; i < value.length; i++) {
        if (value.at[i] < '0' || value.at[i] > '9')
            return 400;
        length = length * 10 + (uint64_t)(value.at[i] - '0');
    }
    if (request->framing == BODY_CHUNKED)
        return 400; /* both framings at once: RFC 9112 section 6.3 calls it a smuggling attempt */
    if (request->framing == BODY_LENGTH && request->content_length != length)
        return 400;
    request->framing = BODY_LENGTH;
    request->content_length = length;
    return 0;
}

static void parse_connection(struct text value, struct request *request) {
    while (value.length) {
        struct text option = trim(cut(&value, ','));
        if (text_is_caseless(option, "close"))
            request->keep_alive = false;
        else if (text_is_caseless(option, "keep-alive") && request->minor == 0)
            request->keep_alive = true;
    }
}

static int parse_field(struct text line, struct request *request, int *hosts) {
    if (!memchr(line.at, ':', line.length))
        return 400;
    struct text name = cut(&line, ':');
    struct text value = trim(line);
    if (!is_token(name))
        return 400; /* also a folded line and a space before the colon */
    if (text_is_caseless(name, "host")) {
        (*hosts)++;
    } else if (text_is_caseless(name, "content-length")) {
        return parse_content_length(value, request);
    } else if (text_is_caseless(name, "transfer-encoding")) {
        if (request->minor == 0 || request->framing != BODY_NONE)
            return 400;
        if (!text_is_caseless(value, "chunked"))
            return 501;
        request->framing = BODY_CHUNKED;
    } else if (text_is_caseless(name, "connection")) {
        parse_connection(value, request);
    } else if (text_is_caseless(name, "expect")) {
        if (!text_is_caseless(value, "100-continue"))
            return 417;
        request->expects_continue = request->minor == 1;
    }
    return 0;
}

int parse_head(const char *head, size_t length, struct request *request) {
    *request = (struct request){.head = {head, length - 2}};
    if (length < 4 || memcmp(head + length - 4, "\r\n\r\n", 4) != 0)
        return 400;
    struct text rest = request->head;
    int hosts = 0;
    for (bool first = true; rest.length; first = false) {
        struct text line = cut(&rest, '\n');
        if (line.length == 0 || line.at[line.length - 1] != '\r')
            return 400;
        line.length--;
        for (size_t i = 0; i < line.length; i++)
            if (((unsigned char)line.at[i] < ' ' && line.at[i] != '\t') || line.at[i] == 127)
                return 400;
        int refusal = first ? parse_request_line(line, request) : parse_field(line, request, &hosts);
        if (refusal)
            return refusal;
    }
    return hosts == 1 || (hosts == 0 && request->minor == 0) ? 0 : 400;
}

/* ---- bodies ---- */

enum { SIZE, EXTENSION, SIZE_LF, DATA, DATA_CR, DATA_LF, TRAILER_START, TRAILER, TRAILER_LF, LAST_LF };

void body_start(struct body *body, const struct request *request) {
    *body = (struct body){.framing = request->framing, .left = request->content_length, .at = SIZE};
    body->complete = body->framing == BODY_NONE || (body->framing == BODY_LENGTH && body->left == 0);
}

static int hexadecimal(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One byte of a size line; false when it is not allowed there. */
static bool size_byte(struct body *body, char c) {
    int digit = hexadecimal(c);
    if (digit >= 0) {
        body->left = body->left * 16 + (uint64_t)digit;
        return ++body->line <= 15;
    }
    if (body->line == 0)
        return false;
    body->at = c == '\r' ? SIZE_LF : EXTENSION;
    return c == '\r' || c == ';' || is_space(c);
}

/* One byte of the chunked grammar outside chunk data; false when it is not allowed there. */
static bool chunk_byte(struct body *body, char c) {
    switch (body->at) {
    case SIZE:
        return size_byte(body, c);
    case EXTENSION:
        if (c == '\r')
            body->at = SIZE_LF;
        return c != '\n' && ++body->line <= CHUNK_LINE_MAX;
    case SIZE_LF:
        body->at = body->left ? DATA : TRAILER_START;
        body->line = 0;
        return c == '\n';
    case DATA_CR:
        body->at = DATA_LF;
        return c == '\r';
    case DATA_LF:
        body->at = SIZE;
        return c == '\n';
    case TRAILER_START:
        body->at = c == '\r' ? LAST_LF : TRAILER;
        return c != '\n' && ++body->line <= TRAILERS_MAX;
    case TRAILER:
        if (c == '\r')
            body->at = TRAILER_LF;
        return c != '\n' && ++body->line <= TRAILERS_MAX;
    case TRAILER_LF:
        body->at = TRAILER_START;
        return c == '\n';
    default: /* LAST_LF */
        body->complete = true;
        return c == '\n';
    }
}

ssize_t body_take(struct body *body, const char *input, size_t length, struct text *data) {
    size_t used = 0;
    *data = (struct text){input, 0};
    if (body->framing == BODY_CHUNKED)
        while (used < length && body->at != DATA && !body->complete)
            if (!chunk_byte(body, input[used++]))
                return -1;
    if (body->complete || used == length)
        return (ssize_t)used;
    data->at = input + used;
    data->length = length - used < body->left ? length - used : (size_t)body->left;
    body->left -= data->length;
    if (body->left == 0 && body->framing == BODY_CHUNKED)
        body->at = DATA_CR;
    else if (body->left == 0)
        body->complete = true;
    return (ssize_t)(used + data->length);
}

/* ---- query parameters ---- */

bool parameter(const struct request *request, const char *name, char *value, size_t size) {
    struct text rest = request->query;
    while (rest.length) {
        struct text pair = cut(&rest, '&');
        if (!text_is(cut(&pair, '='), name))
            continue;
        size_t length = 0;
        for (size_t i = 0; i < pair.length && length + 1 < size; i++) {
            char c = pair.at[i] == '+' ? ' ' : pair.at[i];
            if (c == '%' && i + 2 < pair.length && hexadecimal(pair.at[i + 1]) >= 0 && hexadecimal(pair.at[i + 2]) >= 0) {
                c = (char)(hexadecimal(pair.at[i + 1]) * 16 + hexadecimal(pair.at[i + 2]));
                i += 2;
            }
            value[length++] = c;
        }
        value[length] = '\0';
        return true;
    }
    return false;
}

long number(const struct request *request, const char *name, long fallback) {
    char value[32];
    return parameter(request, name, value, sizeof value) ? strtol(value, NULL, 10) : fallback;
}
