/** What services may cost, and what happens when they have. */
@NullMarked
package dev.hearth.gateway.budget;

import org.jspecify.annotations.NullMarked;
