/** The way to this node's instances for gateways on other machines. */
@NullMarked
package dev.hearth.runtime.relay;

import org.jspecify.annotations.NullMarked;
