/** How long an idle revision is worth keeping, and when to have it back before it is asked for. */
@NullMarked
package dev.hearth.autoscaler.keepalive;

import org.jspecify.annotations.NullMarked;
