/** Pre-made sandbox shells, each used once. */
@NullMarked
package dev.hearth.runtime.slot;

import org.jspecify.annotations.NullMarked;
