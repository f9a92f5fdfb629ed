/**
 * The data directory, the rights and the ports that {@code hearth up} needs before it starts
 * anything.
 */
@NullMarked
package dev.hearth.standalone.data;

import org.jspecify.annotations.NullMarked;
