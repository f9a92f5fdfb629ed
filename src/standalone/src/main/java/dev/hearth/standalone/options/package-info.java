/** What the operator asked {@code hearth up} for. */
@NullMarked
package dev.hearth.standalone.options;

import org.jspecify.annotations.NullMarked;
