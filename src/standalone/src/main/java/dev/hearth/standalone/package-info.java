/** Everything in one JVM: what {@code hearth up} starts, and in which order it stops. */
@NullMarked
package dev.hearth.standalone;

import org.jspecify.annotations.NullMarked;
