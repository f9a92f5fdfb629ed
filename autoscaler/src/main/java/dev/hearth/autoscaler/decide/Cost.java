package dev.hearth.autoscaler.decide;

/**
 * What it takes to have an instance of a revision.
 *
 * @param startMillis what its newest start took; 0 for not known
 * @param memoryBytes that an instance has in use; its limit when that is not known
 */
record Cost(double startMillis, long memoryBytes) {}
