/** How the values of secrets are encrypted: which keys there are, and what one makes of a value. */
@NullMarked
package dev.hearth.catalog.secret;

import org.jspecify.annotations.NullMarked;
