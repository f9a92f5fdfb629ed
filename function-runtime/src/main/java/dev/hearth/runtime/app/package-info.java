/** Composes the node agent and offers it to the other rooms. */
@NullMarked
package dev.hearth.runtime.app;

import org.jspecify.annotations.NullMarked;
