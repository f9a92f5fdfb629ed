package dev.hearth.bench.trace;

/**
 * A finished span.
 *
 * @param traceId 32 hexadecimal digits
 * @param parentId 16 of them; of a client's span when it is the first of its trace here
 */
record Span(String traceId, String id, String parentId, String name, long beginNanos, long nanos) {}
