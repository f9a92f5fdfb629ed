package dev.hearth.autoscaler.observe;

import dev.hearth.autoscaler.decide.Pauses;
import dev.hearth.contracts.DemandSample;

/**
 * What the log of demand says of a revision.
 *
 * @param last of its samples that was read
 * @param whole whether all were read up to where somebody else goes on
 */
public record Past(DemandSample last, Pauses pauses, boolean whole) {}
