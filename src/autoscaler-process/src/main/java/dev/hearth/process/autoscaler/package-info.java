/** The autoscaler as a process of its own. */
@NullMarked
package dev.hearth.process.autoscaler;

import org.jspecify.annotations.NullMarked;
