/** The platform's nodes, for a gateway that runs on none of them: one runtime made of many. */
@NullMarked
package dev.hearth.gateway.fleet;

import org.jspecify.annotations.NullMarked;
