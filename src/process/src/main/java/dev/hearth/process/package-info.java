/** What every process of the platform does alike: starts its rooms, and stops them. */
@NullMarked
package dev.hearth.process;

import org.jspecify.annotations.NullMarked;
