/** This node for gateways on other machines. */
@NullMarked
package dev.hearth.runtime.serve;

import org.jspecify.annotations.NullMarked;
