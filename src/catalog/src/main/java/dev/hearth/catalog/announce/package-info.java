/** How the gateway learns what serves, and learns the truth after a write whose end nobody saw. */
@NullMarked
package dev.hearth.catalog.announce;

import org.jspecify.annotations.NullMarked;
