/** How many instances a revision should have, and why: pure functions of what was observed. */
@NullMarked
package dev.hearth.autoscaler.decide;

import org.jspecify.annotations.NullMarked;
