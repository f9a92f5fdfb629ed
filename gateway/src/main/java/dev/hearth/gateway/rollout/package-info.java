/** Is the new revision worse than the old one, and how many of the requests does it get then? */
@NullMarked
package dev.hearth.gateway.rollout;

import org.jspecify.annotations.NullMarked;
