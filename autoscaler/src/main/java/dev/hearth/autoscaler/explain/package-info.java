/** Why there were so many instances, and how many there would have been under other settings. */
@NullMarked
package dev.hearth.autoscaler.explain;

import org.jspecify.annotations.NullMarked;
