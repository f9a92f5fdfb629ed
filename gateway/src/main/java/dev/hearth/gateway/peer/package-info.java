/** The platform's other gateways: who is there, who sees to which service. */
@NullMarked
package dev.hearth.gateway.peer;

import org.jspecify.annotations.NullMarked;
