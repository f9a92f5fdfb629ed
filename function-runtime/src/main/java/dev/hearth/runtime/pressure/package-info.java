/** Whether the node's memory is short. */
@NullMarked
package dev.hearth.runtime.pressure;

import org.jspecify.annotations.NullMarked;
