/** Why was my request refused before it had a service? */
@NullMarked
package dev.hearth.gateway.framing;

import org.jspecify.annotations.NullMarked;
