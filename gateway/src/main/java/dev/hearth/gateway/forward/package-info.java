/** How a request and its response pass through, byte by byte. */
@NullMarked
package dev.hearth.gateway.forward;

import org.jspecify.annotations.NullMarked;
