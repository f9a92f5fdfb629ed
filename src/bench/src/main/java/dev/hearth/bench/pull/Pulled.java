package dev.hearth.bench.pull;

/**
 * One pull of the image by somebody, from an empty store.
 *
 * @param memory bytes, at the peak
 */
record Pulled(long nanos, long memory) {}
