/** Why did my cold request wait, and for how long? */
@NullMarked
package dev.hearth.gateway.wait;

import org.jspecify.annotations.NullMarked;
