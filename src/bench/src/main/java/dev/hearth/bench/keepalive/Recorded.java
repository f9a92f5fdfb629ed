package dev.hearth.bench.keepalive;

/**
 * A function of a trace.
 *
 * @param minutes in which it was invoked, ascending, from 0
 * @param gib memory of its app
 */
record Recorded(String name, int[] minutes, double gib) {}
